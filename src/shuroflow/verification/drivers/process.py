"""A system behind a command line: started, asked line by line, started again when it fell over.

The command may be anything that reads lines and writes lines: Java, .NET, a script. It is run without a shell and ends
with the driver. Nothing here knows what a question means: that is :mod:`~shuroflow.verification.drivers.wire`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shlex
import signal
import subprocess
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event
from shuroflow.verification.drivers import wire
from shuroflow.verification.drivers.protocol import Abilities, Answer, OpenDuty, Standing

_LONGEST_LINE = 64 << 20
_LINES_KEPT = 12
_SHOWN = 400

_A = TypeVar("_A", bound=msgspec.Struct)


class ProcessDriver:
    """A system that answers the line protocol on its standard input and output.

    A process that dies, hangs or answers what is no answer is ended, and that one question fails with an error that
    names the command, the line sent and what came back; the next question starts it again. A system that keeps its
    cases in memory has then forgotten them: the kit goes on with new ones.

    Args:
        command: the command line, as one text or as a list of arguments; no shell reads it.
        timeout: seconds in which a question has to be answered.
        start_timeout: the same for the first answer after a start.
        cwd: the folder it is started in.

    Raises:
        Unavailable: if the command cannot be started, or does not answer the first question as the protocol asks.
        InputError: if the command is empty, or its quotes do not match.
    """

    def __init__(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 10.0,
        start_timeout: float = 60.0,
        cwd: str | Path | None = None,
    ) -> None:
        self._arguments = _arguments(command)
        self.command = command if isinstance(command, str) else shlex.join(command)
        self._timeout, self._start_timeout, self._cwd = timeout, start_timeout, cwd
        self._numbers = count(1)
        self._running: _Running | None = None
        self._able = self._start()

    @property
    def abilities(self) -> Abilities:
        """What the system said of itself when it was started."""
        return self._able.abilities()

    @property
    def system(self) -> str:
        """What the system calls itself."""
        return self._able.system

    @property
    def duty_clauses(self) -> frozenset[str]:
        """The clauses whose duties it keeps."""
        return self.abilities.duties or frozenset()

    def record(self, event: Event) -> Answer:
        """Ask for an event to be recorded."""
        question = wire.Record(id=next(self._numbers), event=wire.raw(event))
        return self._ask(question, wire.RecordAnswer).answer()

    def history(self, case_id: str) -> Sequence[Event]:
        """Ask for the record of a case."""
        question = wire.History(id=next(self._numbers), case_id=case_id)
        found = self._ask(question, wire.HistoryAnswer)
        try:
            return found.history()
        except InputError as error:
            said = f"an event of the history cannot be read ({error})"
            raise InputError(f"{self.command}: {self._failed(said, wire.line(question))}") from None

    def standing(self, case_id: str, on: date) -> Standing:
        """Ask how a case stands."""
        question = wire.StandingOn(id=next(self._numbers), case_id=case_id, on=on)
        return self._ask(question, wire.StandingAnswer).standing()

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        """Ask what is open."""
        question = wire.DutiesOn(id=next(self._numbers), case_id=case_id, on=on)
        return self._ask(question, wire.DutiesAnswer).open()

    def close(self) -> None:
        """Tell the process, give it the time of an answer to end by itself, and end it otherwise."""
        if self._running is not None:
            self._running.send(wire.line(wire.Close(id=next(self._numbers))))
            self._running.end(self._timeout)
            self._running = None

    def _start(self) -> wire.HelloAnswer:
        try:
            self._running = _Running(self._arguments, self._cwd)
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise Unavailable(f"cannot be started: {reason}; check the command", where=self.command) from None
        question = wire.Hello(id=next(self._numbers), protocol=wire.PROTOCOL)
        try:
            able = self._exchange(self._running, question, wire.HelloAnswer, self._start_timeout)
        except InputError as error:
            raise Unavailable(str(error), where=self.command) from None
        if able.protocol != wire.PROTOCOL:
            self._end()
            said = f"speaks protocol {able.protocol}, this kit speaks {wire.PROTOCOL}"
            raise Unavailable(said, where=self.command)
        return able

    def _ask(self, question: wire.Question, kind: type[_A]) -> _A:
        if self._running is None:
            self._start()
        assert self._running is not None  # it was started, or that has failed
        try:
            return self._exchange(self._running, question, kind, self._timeout)
        except InputError as error:
            raise InputError(f"{self.command}: {error.message}") from None

    def _exchange(self, running: _Running, question: wire.Question, kind: type[_A], seconds: float) -> _A:
        sent = wire.line(question)
        running.send(sent)
        try:
            said = running.next_line(seconds)
        except queue.Empty:
            status = running.status  # what it started may hold its output open
            what = f"did not answer within {seconds:g} s" if status is None else _ended(status)
            raise InputError(self._failed(what, sent)) from None
        if not said:
            raise InputError(self._failed(_ended(running.end(self._timeout)), sent)) from None
        try:
            return wire.answer_to(question.id, said, kind)
        except InputError as error:
            own = error.message.startswith("an error of its own")  # it answered well that it could not
            text = f"answered {_short(said)}, which is {error.message}"
            raise InputError(self._failed(text, sent, keep=own)) from None

    def _failed(self, what: str, sent: bytes, *, keep: bool = False) -> str:
        """The whole of what went wrong; unless it is to be kept, the process is ended and started anew when asked."""
        errors = "" if self._running is None or keep else self._end()
        return f"{what}; it was sent {_short(sent)}" + (f"; on standard error: {errors}" if errors else "")

    def _end(self) -> str:
        running, self._running = self._running, None
        if running is None:
            return ""
        running.end(0)
        return " / ".join(running.errors)


class _Running:
    """One run of the command. Its output is read by threads, so that no question can wait for ever."""

    def __init__(self, arguments: str | list[str], cwd: str | Path | None) -> None:
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            arguments,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=os.name != "nt",
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._said: queue.Queue[bytes] = queue.Queue(maxsize=1_000)
        self._to_send: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.errors: deque[str] = deque(maxlen=_LINES_KEPT)
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=work, args=args, daemon=True)
            for work, args in (
                (_write, (self._process.stdin, self._to_send)),
                (_read, (self._process.stdout, self._said, self._over)),
                (_keep, (self._process.stderr, self.errors)),
            )
        ]
        for thread in self._threads:
            thread.start()
        self._finalizer = weakref.finalize(self, _kill, self._process)  # whoever forgets to close leaves none behind

    def send(self, line: bytes) -> None:
        """Hand a line to the process, whether or not it reads."""
        self._to_send.put(line)

    def next_line(self, seconds: float) -> bytes:
        """The next line it says; empty if it has ended.

        Raises:
            queue.Empty: if it says nothing in that time.
        """
        return self._said.get(timeout=seconds)

    @property
    def status(self) -> int | None:
        """The status with which it has ended by itself; ``None``: it goes on."""
        return self._process.poll()

    def end(self, seconds: float) -> int | None:
        """Close its input, wait so long, and then end it; its status."""
        self._to_send.put(None)
        self._over.set()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._finalizer()
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        for thread, pipe in zip(self._threads, pipes, strict=True):
            thread.join(1)
            if pipe is not None and not thread.is_alive():  # somebody else holds the other end: it cannot be closed
                with contextlib.suppress(OSError):
                    pipe.close()
        return self._process.returncode


def _write(pipe: IO[bytes], lines: queue.SimpleQueue[bytes | None]) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has ended: who waits for its answer is told so
        while (line := lines.get()) is not None:
            pipe.write(line)
            pipe.flush()
    with contextlib.suppress(OSError, ValueError):
        pipe.close()


def _read(pipe: IO[bytes], lines: queue.Queue[bytes], over: threading.Event) -> None:
    said = b"-"
    while said:
        try:
            said = pipe.readline(_LONGEST_LINE)
        except (OSError, ValueError):
            said = b""
        while not over.is_set():  # a process that says too much waits until it is heard or ended
            with contextlib.suppress(queue.Full):
                lines.put(said, timeout=0.1)
                break


def _keep(pipe: IO[bytes], lines: deque[str]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in pipe:
            if line.strip():
                lines.append(_short(line))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and, where it has a group of its own, all that it started."""
    with contextlib.suppress(OSError):
        if os.name != "nt":  # the group outlives a process that has ended by itself, if anything it started goes on
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _ended(status: int | None) -> str:
    return f"ended with status {status} and did not answer"


def _arguments(command: str | Sequence[str]) -> str | list[str]:
    if isinstance(command, str) and os.name == "nt":
        found: str | list[str] = command  # Windows programs take their command line apart themselves
    elif isinstance(command, str):
        try:
            found = shlex.split(command)
        except ValueError as error:
            raise InputError(f"{command!r} is no command line: {error}", field="command") from None
    else:
        found = list(command)
    if not found or not (found if isinstance(found, list) else found.strip()):
        raise InputError("there is no command: name the program that answers", field="command")
    return found


def _short(line: bytes) -> str:
    text = line.decode(errors="backslashreplace").strip()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


__all__ = ["ProcessDriver"]
