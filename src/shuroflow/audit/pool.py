"""Processes of this machine that judge, from their birth to their end. It hands nothing out."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

import attrs

from shuroflow.states import BUILT_IN, programme


@attrs.frozen
class ProcessPool:
    """Makes pools of ``jobs`` processes of this machine.

    An audit that is given one is itself one of so many processes, if it ``helps``: it judges its share, and what the
    others have not been given yet while it waits for them.
    """

    jobs: int = attrs.field(validator=attrs.validators.ge(1))
    helps: bool = attrs.field(default=True, kw_only=True)

    @property
    def in_flight(self) -> int:
        """Lots that are handed out at a time: enough that nobody waits, and no more, for what is kept has its price."""
        return max(6, 3 * self.jobs)

    def __call__(self) -> Executor:
        """A pool of all of them."""
        return _Pool(self.jobs)

    def others(self) -> Executor:
        """A pool of all but one."""
        return _Pool(self.jobs - 1)


def process_pool(jobs: int, *, helps: bool = True) -> ProcessPool:
    """Judge an audit by that many processes of this machine: ``audit(…, executor=process_pool(4))``.

    Args:
        jobs: how many.
        helps: the process that calls is one of them; otherwise it only hands out, and a case that ends the process
            which judges it does not end the audit.
    """
    return ProcessPool(jobs, helps=helps)


class _Pool(Executor):
    """Processes that hear no Ctrl-C and end with this one."""

    def __init__(self, number: int) -> None:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # Begun anew and not forked: the process of a host has threads, and is no good to copy.
        self._pool = ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=_begin)
        for _ in range(number):  # they make themselves ready while this process looks through the first file
            self.submit(_ready)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand out a call."""
        with _unheard():  # a process is begun when there is no idle one
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def _unheard() -> Iterator[None]:
    """Processes that are begun hear no Ctrl-C from their birth on; this one hears it afterwards.

    On Windows they hear it until they have begun.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # begun later, it would let this process hear again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """A worker's first act.

    A Ctrl-C is for the process that hands out the work: it ends the others in order. When that process is gone, however
    it ended, there is nobody to work for.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _ready() -> None:
    """Load what judging needs: the rules of the programmes that come with the library."""
    for code in BUILT_IN:
        programme(code)
    gc.freeze()  # what is loaded by now stays: the collector need not go through it again and again


__all__ = ["ProcessPool", "process_pool"]
