"""How the campaigns start other processes, and what such a process can be asked. Knows no adapter."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from shuroflow.errors import InputError, ShuroflowError
from shuroflow.storage.journal import Journal

Opener: TypeAlias = Callable[[], Journal]
"""Opens the same store each time, making it if need be. Sent to other processes by pickling."""

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how much is done, and of how much."""

UNREACHABLE = (
    "the other process stopped before it called the opener: it must be able to import whatever the opener is made of; "
    "put it on the path of Python and not only where pytest finds it"
)


def start_method() -> Any:
    """How processes are started: from a clean one that has loaded the library, where the system can do that safely."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # What takes long to load; a module that is not installed is passed over.
    context.set_forkserver_preload(["shuroflow.verification", "shuroflow.storage.sql", "psycopg"])
    return context


def glance(opener: Opener) -> str:
    """What another process sees of the store: its size, or the name of the error that keeps it out.

    Raises:
        InputError: if the other process cannot make anything of the opener.
    """
    context = start_method()
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_glance, args=(opener, there))
    process.start()
    there.close()
    try:
        return str(here.recv())
    except EOFError:
        raise InputError(UNREACHABLE) from None
    finally:
        process.join()
        here.close()


def _glance(opener: Opener, pipe: Connection) -> None:
    try:
        with opener() as journal:
            pipe.send(str(journal.size()))
    except ShuroflowError as error:
        pipe.send(type(error).__name__)


__all__ = ["UNREACHABLE", "Opener", "Progress", "glance", "start_method"]
