"""A layer under the JSON Lines journal on which the Nth operation fails, and what must hold after it did.

:func:`run` does a random workload (appends, loads, reads, reopenings; all from the seed) on a journal whose every call
of the operating system goes through a :class:`Layer`. :func:`sweep` strikes at the first operation, the second, the
third … until a run ends before the stroke. Neither needs pytest, so that a long campaign can call them as well.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import os
import random
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import attrs

from shuroflow.errors import Conflict, ShuroflowError, Unavailable
from shuroflow.storage import JsonlJournal, filelock, index, indexcopy, jsonl
from shuroflow.storage.codec import encode
from shuroflow.storage.lines import read_at
from tests.faults.ledger import Ask, Ledger

Kind = Literal["ENOSPC", "EIO", "EINTR", "short", "interrupt", "power", "kill", "flush"]
"""An error of the operating system; a read or write of a part only; Ctrl-C; the power goes, and what was not flushed is
lost from some byte on; the process is killed; a flush fails. After the last two, the power goes too, a little later."""

KINDS: tuple[tuple[Kind, bool], ...] = (
    ("ENOSPC", False),
    ("ENOSPC", True),
    ("EIO", False),
    ("EIO", True),
    ("EINTR", False),
    ("short", False),
    ("short", True),
    ("interrupt", False),
    ("power", False),
    ("kill", False),
    ("flush", False),
)
"""Each kind, once and (where that can be) from then on."""


@attrs.frozen
class Fault:
    """What happens at the operation of that number, counted from 1; ``lasting``: and at every later one."""

    kind: Kind
    at: int
    lasting: bool = False


class Halt(BaseException):
    """The process is no more, or the whole machine is off."""


class Layer:
    """The operating system as the journal sees it. Nothing is flushed in truth: what is durable is kept count of."""

    def __init__(self, path: Path, fault: Fault | None, rng: random.Random) -> None:
        self.path = path
        self.fault = fault
        self.rng = rng
        self.operations = 0
        self.struck: list[str] = []
        self.durable = b""
        """The bytes of the file that a flush has answered for."""
        self.lost = b""
        """The bytes that stood in the file, were never flushed and were cut off again: a disk may yet hold them."""
        self.dropped: tuple[int, int] | None = None
        """The bytes that a failed flush gave up: the system takes them for written, and no later flush writes them."""
        self.named = False
        """Is the name of the file durable?"""
        self.off = False

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """The modules of the journal see this layer."""
        system = _Calls(os, self, write=self._write, fsync=self._fsync, ftruncate=self._ftruncate)
        files = _Calls(io, self)
        files.FileIO = self._file
        with contextlib.ExitStack() as stack:
            for module, name, value in (
                (jsonl, "os", system),
                (jsonl, "io", files),
                (jsonl, "read_at", self._read_at),
                (filelock, "os", system),
                (filelock, "fcntl", _Calls(fcntl, self)),
                (indexcopy, "os", system),
                (indexcopy, "open", self._open),
                (index, "_WORTH", 1),
            ):
                stack.enter_context(patch.object(module, name, value, create=True))
            yield
        self.fault = None

    def strike(self, name: str) -> bool:
        """Count an operation; its fault, if it is to have one, is raised. A part of it is to be done: true."""
        if self.off:
            raise Halt
        self.operations += 1
        fault = self.fault
        if fault is None or self.operations < fault.at:
            return False
        if fault.kind == "flush":
            if name != "fsync":
                return False
            self.fault = self._later()
        elif self.operations > fault.at and not fault.lasting:
            return False
        self.struck.append(name)
        match fault.kind:
            case "power" | "kill":
                self.off = True
                raise Halt
            case "flush":
                raise OSError(errno.EIO, "injected at fsync")
            case "interrupt":
                raise KeyboardInterrupt
            case "short":
                if name in ("write", "read"):
                    return True
                raise OSError(errno.EIO, f"injected at {name}")
            case kind:
                raise OSError(getattr(errno, kind), f"injected {kind} at {name}")

    def _later(self) -> Fault:
        return Fault("power", self.operations + self.rng.randint(1, 40))

    def start_again(self) -> None:
        """Another process, or the machine again: its disk holds what is durable, and of the rest what pleased it."""
        self.off = False
        if self.fault and self.fault.kind == "kill":
            self.fault = self._later()
            return
        self.fault = self.dropped = None
        tail = self.rng.choice([self.path.read_bytes()[len(self.durable) :], self.lost]) if self.path.exists() else b""
        self.path.write_bytes(self.durable + tail[: self.rng.randint(0, len(tail))])
        if not self.named and self.rng.randint(0, 1):
            self.path.unlink()
        for other in self.path.parent.glob("*.index*"):
            content = other.read_bytes()
            other.write_bytes(content[: self.rng.randint(0, len(content))])

    # ------------------------------------------------------------ operations that are more than counted

    def _write(self, descriptor: int, block: bytes) -> int:
        try:
            part = self.strike("write")
        except Halt:
            os.write(descriptor, block)
            raise
        return os.write(descriptor, block[: self.rng.randrange(len(block))] if part else block)

    def _fsync(self, descriptor: int) -> None:
        folder, content = stat.S_ISDIR(os.fstat(descriptor).st_mode), self.path.read_bytes()
        try:
            self.strike("fsync")
        except OSError:
            if not folder:
                self.dropped = len(self.durable), len(content)
            raise
        if folder:
            self.named = True
            return
        if self.dropped:
            start, end = self.dropped
            content = content[:start] + b"\0" * (end - start) + content[end:]
        self.durable, self.lost = content, b""

    def _ftruncate(self, descriptor: int, length: int) -> None:
        self.strike("ftruncate")
        self.lost = max(self.lost, self.path.read_bytes()[len(self.durable) :], key=len)
        os.ftruncate(descriptor, length)
        self.durable = self.durable[:length]
        if self.dropped and length <= self.dropped[0]:
            self.dropped = None

    def _read_at(self, descriptor: int, length: int, offset: int) -> bytes:
        part = self.strike("read")
        return read_at(descriptor, self.rng.randint(1, length) if part and length else length, offset)

    def _file(self, *arguments: Any, **options: Any) -> io.FileIO:
        self.strike("open")
        return _File(self, *arguments, **options)

    def _open(self, name: Path, mode: str, **options: Any) -> io.BufferedIOBase:
        raw = self._file(name, mode, **options)
        return io.BufferedReader(raw) if mode == "rb" else io.BufferedWriter(raw)


class _Calls:
    """A module whose functions with an effect on files are counted before they are done."""

    _COUNTED = ("fstat", "stat", "open", "close", "unlink", "replace", "flock")

    def __init__(self, module: Any, layer: Layer, **own: Callable[..., Any]) -> None:
        self.__dict__.update(vars(module))
        for name in self._COUNTED:
            if name in vars(module):
                self.__dict__[name] = self._counted(getattr(module, name), layer)
        self.__dict__.update(own)

    @staticmethod
    def _counted(call: Callable[..., Any], layer: Layer) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            if call is os.close:  # the descriptor is gone even where an error is told
                os.close(*arguments)
                layer.strike("close")
                return None
            layer.strike(call.__name__)
            return call(*arguments, **options)

        return counted

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__[name] = value


class _File(io.FileIO):
    """An open file: reading, writing and closing are operations too."""

    def __init__(self, layer: Layer, *arguments: Any, **options: Any) -> None:
        self._layer = layer
        super().__init__(*arguments, **options)

    def readinto(self, buffer: Any) -> int | None:
        self._layer.strike("read")
        return super().readinto(buffer)

    def write(self, block: Any) -> int:
        part = self._layer.strike("write")
        return super().write(bytes(block)[: len(block) // 2 + 1] if part else block) or 0

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._layer.strike("close")


@attrs.define
class Run:
    """What came of one run."""

    operations: int
    struck: list[str]
    """The operations that failed."""
    breaches: list[str]
    """Every promise that was not kept, one sentence each."""


def run(seed: int, fault: Fault | None = None, *, steps: int = 8) -> Run:
    """A random workload on a new journal, the fault somewhere in it, and what the journal holds in the end.

    Held to: the fault comes up as one :class:`~shuroflow.errors.Unavailable` at most and as nothing else; the journal
    goes on, or says that it is to be opened again and then goes on; in the end every acknowledged append is there once
    and whole, a refused one is not, any other is whole or not there.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _Trial(Path(folder) / "cases.jsonl", seed, fault).run(steps)


def sweep(seed: int, kind: Kind, *, lasting: bool = False, steps: int = 8, every: int = 1) -> Iterator[tuple[int, Run]]:
    """Strike at the operations 1, 1 + ``every`` … until one run ends before it is struck; with that run."""
    at = 1
    while True:
        done = run(seed, Fault(kind, at, lasting), steps=steps)
        yield at, done
        if not done.struck:
            return
        at += every


def campaign(seeds: Iterable[int], *, steps: int = 8) -> Iterator[tuple[int, Kind, bool, int, list[str]]]:
    """The sweeps of all kinds for each seed: seed, kind, lasting, how many runs were struck, and every breach."""
    for seed in seeds:
        for kind, lasting in KINDS:
            runs = [done for _, done in sweep(seed, kind, lasting=lasting, steps=steps)]
            yield seed, kind, lasting, len(runs) - 1, [breach for done in runs for breach in done.breaches]


class _Trial:
    """One run."""

    def __init__(self, path: Path, seed: int, fault: Fault | None) -> None:
        self.path = path
        self.rng = random.Random(seed)
        self.layer = Layer(path, fault, random.Random(f"{seed} {fault}"))
        self.ledger = Ledger()
        self.loads: list[list[Ask]] = []
        self.breaches: list[str] = []
        self.errors = 0
        self._journal: JsonlJournal | None = None

    def run(self, steps: int) -> Run:
        """All steps; then the books are compared, with the journal at hand and with one opened anew."""
        known = [self.append, self.load, self.again, self.look, self.reopen]
        lasting = self.layer.fault is not None and self.layer.fault.lasting
        with self.layer.installed():
            for _ in range(steps):
                self._guarded(self.rng.choices(known, _WEIGHTS)[0])
        if self.errors > 1 and not lasting:
            self.breaches.append(f"one fault came up {self.errors} times")
        if self._journal is not None:
            self._compare(self._journal)
        self._journal = None
        self._compare(None)
        return Run(self.layer.operations, self.layer.struck, self.breaches)

    # ------------------------------------------------------------ steps

    @property
    def journal(self) -> JsonlJournal:
        """The journal, opened if need be."""
        if self._journal is None:
            self._journal = JsonlJournal(self.path, create=True)
        return self._journal

    def append(self) -> None:
        """One or a few events to one case, sometimes with a key."""
        case_id = self.rng.choice(_CASES)
        count, key = self.rng.randint(1, 3), self.rng.choice([None, None, f"key-{len(self.ledger.asked)}"])
        self._ask(self._new(case_id, self.journal.version(case_id), count, key))

    def again(self) -> None:
        """An append under a key once more, whatever became of it."""
        keyed = [ask for ask in self.ledger.asked.values() if ask.key]
        if keyed:
            with contextlib.suppress(Conflict):
                self._ask(self.rng.choice(keyed))

    def load(self) -> None:
        """Events of several cases at once."""
        cases = self.rng.sample(_CASES, self.rng.randint(1, 3))
        asks = [self._new(case_id, self.journal.version(case_id), self.rng.randint(1, 3), None) for case_id in cases]
        self.loads.append(asks)
        with self._refusing(asks):
            self.journal.load([encode(event) for ask in asks for event in ask.events])
        for ask in asks:
            self.ledger.acknowledge(ask)

    def look(self) -> None:
        """Read all in both ways."""
        assert len(list(self.journal.feed())) == self.journal.size() == len(list(self.journal.scan()))

    def reopen(self) -> None:
        """Close it and open it again; the sound bytes of the index beside it may be anything."""
        journal, self._journal = self.journal, None
        journal.close()
        assert self.journal

    def _new(self, case_id: str, expected: int, count: int, key: str | None) -> Ask:
        number, filler = len(self.ledger.asked) + 1, self.rng.choice([0, 0, 400])
        return self.ledger.ask(number, case_id, expected=expected, count=count, key=key, filler=filler)

    def _ask(self, ask: Ask) -> None:
        with self._refusing([ask]):
            ask.of(self.journal)
        self.ledger.acknowledge(ask)

    @contextlib.contextmanager
    def _refusing(self, asks: list[Ask]) -> Iterator[None]:
        try:
            yield
        except Unavailable as error:
            for ask in asks:
                if "nothing was recorded" in str(error) and ask.number not in self.ledger.acknowledged:
                    self.ledger.refuse(ask)
            raise

    # ------------------------------------------------------------ faults

    def _guarded(self, step: Callable[[], None]) -> None:
        """Do a step, see what a fault comes up as, and make what comes next possible."""
        try:
            before = len(self.layer.struck)
            try:
                step()
            except (Unavailable, KeyboardInterrupt) as error:
                self.errors += 1
                if len(self.layer.struck) == before:
                    self.breaches.append(f"an error without a fault: {error}")
                if self._has_stopped():
                    self._journal = None
        except Halt:
            if self._journal is not None:
                io.FileIO.close(self._journal._file)
            self.layer.start_again()
            self._journal = None
        except Exception as error:
            self.breaches.append(f"a fault came up as {type(error).__name__}: {error}")

    def _has_stopped(self) -> bool:
        """Does the journal say that it is to be opened again? What is said of a fault alone does not count."""
        if self._journal is not None:
            try:
                self._journal.size()
            except ShuroflowError as error:
                if "open it again" in str(error):
                    self._journal.close()
                    return True
        return False

    def _compare(self, journal: JsonlJournal | None) -> None:
        """Hold the journal, or one that is opened now, against the books; close it."""
        try:
            with journal or JsonlJournal(self.path, create=True) as held:
                self.breaches += self.ledger.breaches(held)
                there = {int((record.event.note or "0").partition("/")[0]) for record in held.feed()}
                for asks in self.loads:
                    if 0 < sum(ask.number in there for ask in asks) < len(asks):
                        self.breaches.append(f"a load is there in part: {[ask.number for ask in asks]}")
        except ShuroflowError as error:
            self.breaches.append(f"in the end: {error}")


_CASES = ["one", "two", "神"]
_WEIGHTS = [6, 2, 2, 1, 2]


def main() -> int:
    """``python -m tests.faults.injector [SEEDS]``: the campaign, a line for each sweep; 1 if anything was breached."""
    breached = total = 0
    for seed, kind, lasting, struck, breaches in campaign(range(int(sys.argv[1]) if len(sys.argv) > 1 else 20)):
        total += struck
        breached += len(breaches)
        said = "no breach" if not breaches else "; ".join(breaches)
        print(f"seed {seed}  {kind}{' lasting' if lasting else ''}: {struck} operations struck, {said}")
    print(f"{total} operations struck in all, {breached} breaches")
    return int(breached > 0)


__all__ = ["KINDS", "Fault", "Halt", "Kind", "Layer", "Run", "campaign", "run", "sweep"]

if __name__ == "__main__":
    sys.exit(main())
