"""What a journal claims to be able to do, and how a promise says for which claim it stands. Knows no promise itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as Settings

from shuroflow.storage.journal import Journal

CLAIMS = {
    "durable": "what was recorded outlives the process and a crash",
    "shared": "several journals on one store at once, in one process",
    "processes": "several journals on one store at once, in several processes",
    "threads": "one journal used by several threads at once",
    "bulk": "`load` takes events in bulk, as another journal holds them",
}
"""Each claim and what it says. A subclass sets every one of them, to true or to false."""

FEW = Settings(
    max_examples=25,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
"""Settings of the random tests: few and always the same examples, for an adapter that may be slow."""

_Test = TypeVar("_Test", bound=Callable[..., None])


def where(claim: str, *, claimed: bool = True) -> Callable[[_Test], _Test]:
    """A test only for journals that make the claim; with ``claimed=False`` only for those that do not."""

    def mark(test: _Test) -> _Test:
        test.__dict__["__claim__"] = (claim, claimed)
        return test

    return mark


class Adapter(ABC):
    """The adapter under test: how it is opened and what it claims. A subclass says all of it, in its own words."""

    durable: ClassVar[bool]
    shared: ClassVar[bool]
    processes: ClassVar[bool]
    threads: ClassVar[bool]
    bulk: ClassVar[bool]

    settings: ClassVar[Settings] = FEW
    """How hard the random tests try."""
    kills: ClassVar[int] = 5
    """Rounds of killing a process while it writes."""
    appends: ClassVar[int] = 60
    """Appends of all processes, or of all threads, together."""

    @abstractmethod
    def open(self, folder: Path) -> Journal:
        """The journal of a folder, made if need be: the same store for the same folder."""

    def opener(self, folder: Path) -> Callable[[], Journal]:
        """What another process calls to open the same journal; it is sent there by pickling."""
        return partial(self.open, folder)

    def tamper(self, folder: Path, position: int, body: bytes) -> None:
        """Put another body in the place of the record at ``position``, behind the back of the (closed) journal."""
        raise TypeError(f"{type(self).__name__} claims to be durable and lacks `tamper`")

    @pytest.fixture
    def journal(self, tmp_path: Path) -> Iterator[Journal]:
        """An empty journal."""
        with closing(self.open(tmp_path)) as journal:
            yield journal


def check_claims(cls: type[Adapter]) -> None:
    """Has the class all it must say?

    Raises:
        TypeError: naming everything that it lacks.
    """
    lacking = [f"{name} = True or False ({said})" for name, said in CLAIMS.items() if not _is_said(cls, name)]
    if getattr(cls.open, "__isabstractmethod__", False):
        lacking.append("open(self, folder) (opens the journal of a folder)")
    if getattr(cls, "durable", False) and cls.tamper is Adapter.tamper:
        lacking.append("tamper(self, folder, position, body) (a durable store can be changed by others)")
    if lacking:
        raise TypeError(f"{cls.__name__} lacks: {'; '.join(lacking)}")
    if cls.processes and not (cls.durable and cls.shared):
        raise TypeError(f"{cls.__name__}: several processes can only share a store that is `durable` and `shared`")


def _is_said(cls: type, name: str) -> bool:
    return isinstance(getattr(cls, name, None), bool)


def promises(cls: type) -> Iterator[tuple[str, Callable[..., None]]]:
    """Every test of the class, whether or not it is for such a journal."""
    for base in reversed(cls.__mro__):
        for name, test in vars(base).items():
            if name.startswith("test_") and callable(test):
                yield name, test


def keep_what_is_claimed(cls: type[Adapter], kit: type) -> None:
    """Leave in the class the tests of the kit that are for a journal of its claims: the others are not collected."""
    for name, test in promises(kit):
        claim: tuple[str, bool] | None = getattr(test, "__claim__", None)
        if claim is not None and name not in vars(cls):
            kept: Any = test if getattr(cls, claim[0]) == claim[1] else None
            setattr(cls, name, kept)


__all__ = ["CLAIMS", "FEW", "Adapter", "check_claims", "keep_what_is_claimed", "promises", "where"]
