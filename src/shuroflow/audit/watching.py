"""What a guard looks at: stand-ins for a case, an event and an office that note every attribute read of them.

A stand-in answers like what it stands for (``isinstance``, equality and hash included), so any guard works on it, also
that of a plug-in. It notes what was read and what it was at that moment; a case goes on growing afterwards. Guards
must only read, and nothing here keeps one from doing otherwise.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from functools import cache
from types import MethodType
from typing import Any

import attrs

Way = tuple[tuple[str, str], ...]
"""Attributes on the way to a value: of which class, and the name."""


@attrs.frozen
class Look:
    """One value that was looked at: the attribute (of which class) or the method with its arguments, and what it was.

    ``within`` are the attributes on the way to it, each with the class that has it: for ``case.assessment.income``
    ``(("TsushimaCase", "assessment"),)``.
    """

    within: Way
    of: str
    name: str
    arguments: tuple[Any, ...]
    value: Any


Log = dict[str, Look]
"""Where it was read (``case.consent_on``, ``event.data.attendees``) → what was seen there."""


class Watched:
    """A stand-in for an object of the library: reading a public attribute of it is noted."""

    __slots__ = ("__log", "__of", "__path", "__within")

    def __init__(self, of: Any, path: str, log: Log, within: Way = ()) -> None:
        object.__setattr__(self, "_Watched__of", of)
        object.__setattr__(self, "_Watched__within", within)
        object.__setattr__(self, "_Watched__path", path)
        object.__setattr__(self, "_Watched__log", log)

    @property  # type: ignore[misc] # what isinstance() asks
    def __class__(self) -> type:
        return type(bare(self))

    def __getattr__(self, name: str) -> Any:
        value = getattr(bare(self), name)
        if name.startswith("_"):
            return value
        path = f"{object.__getattribute__(self, '_Watched__path')}.{name}"
        log: Log = object.__getattribute__(self, "_Watched__log")
        within: Way = object.__getattribute__(self, "_Watched__within")
        look = Look(within, type(bare(self)).__name__, name, (), value)
        return _Call(look, path, log) if isinstance(value, MethodType) else _noted(look, path, log)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(bare(self), name, value)

    def __eq__(self, other: object) -> bool:
        return bool(bare(self) == bare(other))

    def __hash__(self) -> int:
        return hash(bare(self))

    def __bool__(self) -> bool:
        return bool(bare(self))

    def __contains__(self, item: object) -> bool:
        return bare(item) in bare(self)

    def __str__(self) -> str:
        return str(bare(self))

    def __repr__(self) -> str:
        return repr(bare(self))


@attrs.frozen(slots=True)
class _Call:
    """A method of something watched: the call is noted with its arguments and its answer."""

    look: Look
    path: str
    log: Log

    def __call__(self, *args: Any, **named: Any) -> Any:
        args = tuple(bare(arg) for arg in args)
        named = {name: bare(arg) for name, arg in named.items()}
        said = ", ".join([*map(_said, args), *(f"{name}={_said(arg)}" for name, arg in named.items())])
        answer = self.look.value(*args, **named)
        look = attrs.evolve(self.look, arguments=(*args, *named.values()), value=answer)
        return _noted(look, f"{self.path}({said})", self.log)


def _said(argument: Any) -> str:
    return argument.value if isinstance(argument, Enum) and isinstance(argument.value, str) else str(argument)


def _noted(look: Look, path: str, log: Log) -> Any:
    value = look.value
    if value is None or isinstance(value, str | int | date):
        log[path] = look
        return value
    log[path] = Look(look.within, look.of, look.name, look.arguments, kept(value))
    return Watched(value, path, log, (*look.within, (look.of, look.name))) if _is_record(type(value)) else value


_is_record: Callable[[type], bool] = cache(attrs.has)  # asked with every value


def bare(thing: Any) -> Any:
    """What a stand-in stands for; anything else is itself."""
    return object.__getattribute__(thing, "_Watched__of") if type(thing) is Watched else thing


def kept(value: Any) -> Any:
    """The value as it is now: lists, sets, tables and parts that may change later are copied."""
    if isinstance(value, Mapping):
        return {key: kept(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return tuple(kept(part) for part in value)
    if isinstance(value, set | frozenset):
        return tuple(sorted((kept(part) for part in value), key=str))
    if _is_record(type(value)) and not _frozen(type(value)):  # it may still change
        copied = copy.copy(value)
        for field in attrs.fields(type(value)):
            setattr(copied, field.name, kept(getattr(value, field.name)))
        return copied
    return value


def _frozen(cls: type) -> bool:
    own: object = cls.__setattr__
    plain: object = object.__setattr__
    return own is not plain  # attrs puts one that refuses into its frozen classes


def leaves(log: Log) -> Log:
    """What was looked at most closely: of ``case.assessment`` and ``case.assessment.income`` the second alone."""
    inner = {path.rpartition(".")[0] for path in log}
    return {path: look for path, look in log.items() if path not in inner}


__all__ = ["Log", "Look", "Watched", "bare", "kept", "leaves"]
