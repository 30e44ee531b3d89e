"""Which system a call names, and how it is opened: in Python, over a command line, as recorded; or our own desk."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs
import click

from shuroflow.cli.options import say

if TYPE_CHECKING:
    from shuroflow.states import Office
    from shuroflow.verification.drivers import DriverFactory


@attrs.frozen
class System:
    """A system as the call names it: by which option, and its values; neither stands for our own desk."""

    option: str | None = None
    values: tuple[str, ...] = ()

    @classmethod
    def named(cls, given: Mapping[str, Sequence[str]]) -> System:
        """The one system that the options name.

        Raises:
            click.UsageError: if they name several.
        """
        named = [(option, tuple(values)) for option, values in given.items() if values]
        if len(named) > 1:
            several = ", ".join(option for option, _ in named)
            said = say(f"システムは一つだけ指定してください: {several}", f"name one system, not several: {several}")
            raise click.UsageError(said, click.get_current_context())
        return cls(*named[0]) if named else cls()

    @property
    def recorded(self) -> bool:
        """Is it what a system has on record, which cannot be driven?"""
        return self.option == "--recorded"

    @property
    def name(self) -> str:
        """For a reader."""
        return say("、", ", ").join(map(_without_password, self.values)) or say(
            "shuroflow 自身の窓口", "the desk of shuroflow itself"
        )

    @property
    def arguments(self) -> str:
        """The part of a command line that names it."""
        return "".join(f"{self.option} {shlex.quote(value)} " for value in self.values)

    def factory(self, office: Office) -> DriverFactory:
        """What opens it.

        Raises:
            InputError: if there is no such thing.
        """
        from shuroflow.verification.drivers import DeskDriver

        if self.option is None:
            return lambda: DeskDriver(office)
        (value,) = self.values
        return _in_python(value) if self.option == "--driver" else _by_command(value)


def _without_password(value: str) -> str:
    """A database as a reader may see it: whatever stands before the host may be a password."""
    head, mark, rest = value.partition("://")
    _, at, host = rest.rpartition("@")
    return f"{head}://…@{host}" if mark and at else value


def _in_python(value: str) -> DriverFactory:
    """``MODULE:FACTORY``, looked for in the current folder as well."""
    from shuroflow.verification.drivers import factory_of

    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    return factory_of(value)


def _by_command(value: str) -> DriverFactory:
    """A program that is spoken to over its standard input and output."""
    from shuroflow.verification.drivers import ProcessDriver

    return lambda: ProcessDriver(value)


__all__ = ["System"]
