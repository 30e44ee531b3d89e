"""A PostgreSQL server that crashes while clients append: stopped at once, or killed with all its processes.

It takes a server of one's own. Each client has one journal, which it keeps through all crashes, and asks again what it
got no answer to: under its key where the append has one, and otherwise after reading what the case holds now.
"""

from __future__ import annotations

import os
import select
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypeVar

import attrs

from shuroflow.errors import JournalError, Unavailable
from shuroflow.storage import Journal, Record
from shuroflow.storage.sql import SqlJournal
from tests.faults.ledger import Ask, Ledger
from tests.postgres import Server

WAYS = ("immediate", "killed") if hasattr(os, "pidfd_open") else ("immediate",)
"""How the server crashes: it is told to stop without finishing anything, or all its processes are killed."""

_PATIENCE = 60.0
"""Seconds after which what should be a matter of one is given up."""
_ATTEMPTS = 2
"""Calls that may fail on a server that is up: the first finds that the connection is gone."""

_T = TypeVar("_T")


@attrs.define
class Result:
    """What came of all crashes.

    ``unanswered`` appends got an error for an answer; ``recorded`` of these were there nevertheless.
    """

    crashes: Counter[str] = attrs.field(factory=Counter)
    acknowledged: int = 0
    unanswered: int = 0
    recorded: int = 0
    breaches: list[str] = attrs.field(factory=list)


class Standing:
    """Whether the server is up, how often it went down, and what the clients have acknowledged so far."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.up = True
        self.crashes = 0
        self.acknowledged: Counter[int] = Counter()
        self.failed: list[str] = []

    def tell(self, change: Callable[[], None]) -> None:
        """Change something and wake who waits for it."""
        with self.changed:
            change()
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds, or a client has failed."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.failed or condition(), timeout=_PATIENCE):
                raise TimeoutError(f"nothing happened for {_PATIENCE:.0f} seconds")

    def patiently(self, call: Callable[[], _T]) -> _T:
        """Call until the server answers; once it is up again, it must answer soon.

        Raises:
            Unavailable: if the journal does not find back to a server that is up.
        """
        failures, at = 0, -1
        while True:
            self.wait(lambda: self.up)
            failures, at = (failures, at) if at == self.crashes else (0, self.crashes)
            try:
                return call()
            except Unavailable:
                failures += 1
                if failures > _ATTEMPTS and at == self.crashes:
                    raise


class Client(threading.Thread):
    """Appends to cases of its own until it is told to stop, through one journal."""

    def __init__(self, url: str, number: int, seed: int, standing: Standing) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self.url = url
        self.number = number
        self.random = Random(f"{seed}/{number}")
        self.standing = standing
        self.ended = False
        self.ledger = Ledger()
        self.unanswered = 0
        self.recorded = 0

    def run(self) -> None:
        """Append; after an error wait for the server and ask again."""
        try:
            with SqlJournal(self.url) as journal:
                while not self.ended:
                    self.append(journal)
        except Exception as error:  # whatever a journal raises is what is looked for
            said = f"client {self.number} stopped: {error!r}"
            self.standing.tell(lambda: self.standing.failed.append(said))

    def append(self, journal: Journal) -> None:
        """One append, asked for until it is answered."""
        number = 1000 * len(self.ledger.asked) + self.number  # no two clients give the same
        case_id = f"client-{self.number}-{self.random.randrange(2)}"
        expected = self.standing.patiently(lambda: journal.version(case_id))
        count = self.random.choice((1, 1, 2, 4))
        key = f"key-{number}" if self.random.random() < 0.5 else None
        ask = self.ledger.ask(number, case_id, expected=expected, count=count, key=key)
        try:
            ask.of(journal)
        except Unavailable:
            self.unanswered += 1
            self.recorded += self.standing.patiently(lambda: self.again(journal, ask))
        self.ledger.acknowledge(ask)
        self.standing.tell(lambda: self.standing.acknowledged.update([self.number]))

    def again(self, journal: Journal, ask: Ask) -> bool:
        """Make sure of an append whose outcome is unknown; was it recorded before?"""
        if ask.key is not None:
            return ask.of(journal).duplicate
        if journal.version(ask.case_id) != ask.expected:
            return True
        ask.of(journal)
        return False


def crash(server: Server, way: str) -> None:
    """Let the server crash; every process of it is gone on return."""
    if way == "immediate":
        server.stop(mode="immediate")
        return
    postmaster = int((server.folder / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(postmaster, signal.SIGSTOP)  # it shall not have new children while these are counted
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    processes = [os.pidfd_open(pid) for pid in (postmaster, *map(int, children))]
    for process in processes:
        signal.pidfd_send_signal(process, signal.SIGKILL)
    for process in processes:
        gone = select.poll()
        gone.register(process, select.POLLIN)
        gone.poll(_PATIENCE * 1000)
        os.close(process)
    # As after a loss of power: nobody has that number any more. Here a dead process keeps it until it is cleared away.
    for lock in (server.folder / "postmaster.pid", *server.sockets.glob(".s.PGSQL.*.lock")):
        lock.unlink()


class Crashes:
    """A server, the clients that write to it, and a follower of its feed that keeps its journal, too."""

    def __init__(self, server: Server, *, clients: int, seed: int) -> None:
        self.server = server
        self.random = Random(seed)
        self.standing = Standing()
        self.result = Result()
        self.seen: list[Record] = []
        SqlJournal(server.url, create=True).close()
        self.follower = SqlJournal(server.url)
        self.clients = [Client(server.url, number, seed, self.standing) for number in range(clients)]
        for client in self.clients:
            client.start()

    def one(self, way: str) -> bool:
        """One crash in the midst of appends, until all go on after it; false if one does not."""
        standing = self.standing
        target = standing.acknowledged.total() + self.random.randrange(1, 60)
        standing.wait(lambda: standing.acknowledged.total() >= target)
        self.follow()
        standing.tell(self.goes_down)
        crash(self.server, way)
        self.result.crashes[way] += 1
        self.server.start()
        before = standing.acknowledged.copy()
        standing.tell(self.is_up)
        standing.wait(lambda: len(standing.acknowledged - before) == len(self.clients))
        self.follow()
        return not standing.failed

    def goes_down(self) -> None:
        """From now on nobody expects an answer."""
        self.standing.up = False
        self.standing.crashes += 1

    def is_up(self) -> None:
        """From now on everybody does."""
        self.standing.up = True

    def follow(self) -> None:
        """Read on in the feed."""
        self.seen += self.standing.patiently(lambda: list(self.follower.feed(after=len(self.seen))))

    def end(self) -> Result:
        """Let the clients finish; then everything acknowledged must be there, and all that was read must still be."""
        result = self.result
        for client in self.clients:
            client.ended = True
        whole = Ledger()
        for client in self.clients:
            client.join(_PATIENCE)
            whole.asked |= client.ledger.asked
            whole.acknowledged |= client.ledger.acknowledged
            result.unanswered += client.unanswered
            result.recorded += client.recorded
        result.acknowledged = len(whole.acknowledged)
        result.breaches += self.standing.failed
        try:
            self.follow()
            self.follower.close()
            with SqlJournal(self.server.url) as journal:
                result.breaches += whole.breaches(journal)
                if self.seen != list(journal.feed()):
                    result.breaches.append("the feed that was followed is not what the journal holds")
        except JournalError as error:
            result.breaches.append(f"the journal cannot be read in the end: {error}")
        return result


def run(*, rounds: int, seed: int, clients: int = 3, progress: Callable[[int, int], None] | None = None) -> Result:
    """Crash a server so many times, in turn in each of :data:`WAYS`, while clients append."""
    with tempfile.TemporaryDirectory(prefix="crash-") as folder, Server(Path(folder) / "data") as server:
        crashes = Crashes(server, clients=clients, seed=seed)
        for number in range(rounds):
            try:
                if not crashes.one(WAYS[number % len(WAYS)]):
                    break
            except (JournalError, TimeoutError) as error:
                crashes.result.breaches.append(f"crash {number + 1}: {error}")
                break
            if progress is not None:
                progress(number + 1, rounds)
        return crashes.end()


__all__ = ["WAYS", "Result", "run"]
