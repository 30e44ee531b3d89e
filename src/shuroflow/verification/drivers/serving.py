"""The other side of the pipe, for systems in Python: any driver of this process answers the line protocol.

It is also the reference to read for whoever writes that side in another language.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from traceback import extract_tb
from typing import IO, Any

import msgspec

from shuroflow.errors import InputError, ShuroflowError
from shuroflow.storage.codec import decode
from shuroflow.verification.drivers import wire
from shuroflow.verification.drivers.protocol import (
    Driver,
    DriverFactory,
    TellsDuties,
    TellsStanding,
    abilities,
)


def serve(
    driver: Driver, *, name: str = "", questions: IO[bytes] | None = None, answers: IO[bytes] | None = None
) -> None:
    """Answer questions line by line until ``close`` is asked or there are no more; the driver is then closed.

    What the system prints meanwhile goes to standard error, so that it cannot get among the answers.

    Args:
        driver: the system.
        name: what it calls itself.
        questions: where the lines come from; by default the standard input.
        answers: where they go; by default the standard output.
    """
    source = sys.stdin.buffer if questions is None else questions
    target = sys.stdout.buffer if answers is None else answers
    try:
        with redirect_stdout(sys.stderr):
            for line in source:
                if not line.strip():
                    continue
                answer, over = _answer(driver, name, line)
                target.write(wire.line(answer))
                target.flush()
                if over:
                    return
    finally:
        driver.close()


def _answer(driver: Driver, name: str, line: bytes) -> tuple[msgspec.Struct, bool]:
    """What to say to a line, and whether it was the last."""
    try:
        question = wire.question_in(line)
    except InputError as error:
        return wire.Fault(id=wire.id_in(line), error=str(error)), False
    try:
        return _asked(driver, name, question), isinstance(question, wire.Close)
    except Exception as error:  # the system fell over: it is told, and the next question may go well
        return wire.Fault(id=question.id, error=f"{type(error).__name__}: {error}"), False


def _asked(driver: Driver, name: str, question: wire.Question) -> msgspec.Struct:
    able = abilities(driver)
    match question:
        case wire.Hello():
            return wire.HelloAnswer(
                id=question.id,
                protocol=wire.PROTOCOL,
                system=name or type(driver).__name__,
                standing=able.standing,
                duties=None if able.duties is None else tuple(sorted(able.duties)),
                corrections=able.corrections,
            )
        case wire.Record():
            said = driver.record(decode(bytes(question.event)))
            return wire.RecordAnswer(id=question.id, accepted=said.accepted, clauses=said.clauses, message=said.message)
        case wire.History():
            events = tuple(wire.raw(event) for event in driver.history(question.case_id))
            return wire.HistoryAnswer(id=question.id, events=events)
        case wire.StandingOn() if able.standing and isinstance(driver, TellsStanding):
            stands = driver.standing(question.case_id, question.on)
            return wire.StandingAnswer(id=question.id, state=stands.state, period=stands.period)
        case wire.DutiesOn() if able.duties is not None and isinstance(driver, TellsDuties):
            return wire.duties_told(question.id, driver.duties(question.case_id, question.on))
        case wire.Close():
            return wire.Done(id=question.id)
    return wire.Fault(id=question.id, error="this system does not tell that, as it said at the start")


def factory_of(named: str) -> DriverFactory:
    """What opens a system, by its name: ``MODULE:NAME``, a class or function that takes no argument.

    An error of the system's own code is told with its file and line; so is one of opening it, when that is called.

    Raises:
        InputError: if there is no such module or name, or it cannot be called.
    """
    module, colon, path = named.partition(":")
    if not colon or not module or not path:
        raise _unusable(named, "write it as MODULE:NAME, such as our_system.driver:open_it")
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            said = f"there is no module {error.name!r} on the path of Python (PYTHONPATH): check the name"
            raise _unusable(named, said) from error
        raise _unusable(named, f"module {module!r} cannot be imported: {_told(error)}") from error
    except (Exception, SystemExit) as error:  # whatever another project's code raises
        raise _unusable(named, f"module {module!r} cannot be imported: {_told(error)}") from error
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except AttributeError as error:
            raise _unusable(named, str(error)) from error
    if not callable(found):
        said = f"{path} is no class or function that opens the system, but {type(found).__name__}"
        raise _unusable(named, said)
    return lambda: _opened(named, found)


def _opened(named: str, factory: Callable[[], object]) -> Driver:
    try:
        made = factory()
    except ShuroflowError:
        raise
    except (Exception, SystemExit) as error:  # whatever another project's code raises
        raise _unusable(named, f"opening the system raises {_told(error)}") from error
    if not isinstance(made, Driver):
        missing = ", ".join(name for name in ("record", "history", "close") if not hasattr(made, name))
        raise _unusable(named, f"what it opens is no driver: {type(made).__name__} has no {missing}")
    return made


def _told(error: BaseException) -> str:
    """An error of another project's code: what, and on which line."""
    frames = extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def _unusable(named: str, what: str) -> InputError:
    return InputError(f"{named}: {what}", field="driver")


__all__ = ["factory_of", "serve"]
