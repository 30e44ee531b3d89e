"""What was done about papers that are kept apart: holds, releases and disposals, and what they add up to.

The entries of such a log are never changed; each says who did it, when and why. This module knows neither the papers
nor where a log is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from shuroflow.errors import InputError, Retained
from shuroflow.events import Actor
from shuroflow.events.envelope import Digest, Id, Seq, Text, about, part
from shuroflow.events.structure import input_error, structure_part, unstructure

_T = TypeVar("_T")


def made(cls: type[_T], values: Mapping[str, Any]) -> _T:
    """An instance of a part, from values of any origin.

    Raises:
        InputError: if a value cannot be used; ``problems`` lists every fault.
    """
    instance, faults = structure_part(cls, values, path="")
    if faults:
        raise input_error(faults)
    known: _T = instance
    return known


@part
class Held:
    """Nothing of the case may be disposed of from now on: an appeal is pending, say, or an inspection."""

    number: Seq = about("position in the log, from 1, without a gap")
    case_id: Id = about("id of the case")
    on: date = about("the day the hold was set")
    by: Actor = about("who set it")
    reason: Text = about("why")


@part
class Released:
    """A hold was lifted."""

    number: Seq = about("position in the log, from 1, without a gap")
    case_id: Id = about("id of the case")
    on: date = about("the day the hold was lifted")
    by: Actor = about("who lifted it")
    reason: Text = about("why")
    hold: Seq = about("number of the hold that was lifted")
    keep_until: date | None = about("every paper of the case is kept until this day at least", default=None)


@part
class Disposed:
    """A paper was disposed of, and its salt with it."""

    number: Seq = about("position in the log, from 1, without a gap")
    case_id: Id = about("id of the case")
    on: date = about("the day of the disposal")
    by: Actor = about("who disposed of it")
    reason: Text = about("why")
    commitment: Digest = about("the commitment, which stays in the event")


Act = Held | Released | Disposed
"""One entry of the log."""

ACTS: dict[str, type[Act]] = {"held": Held, "released": Released, "disposed": Disposed}
"""The code of each kind of entry, as it is stored."""


def act_to(entry: Act) -> dict[str, Any]:
    """The entry as plain JSON values."""
    return {"act": next(code for code, cls in ACTS.items() if cls is type(entry)), **unstructure(entry)}


def act_from(value: Mapping[str, Any]) -> Act:
    """The entry that plain values stand for.

    Raises:
        InputError: if they stand for none; ``problems`` lists every fault.
    """
    code = value.get("act")
    if not isinstance(code, str) or code not in ACTS:
        raise InputError(f"{code!r} is not one of {', '.join(ACTS)}", field="act")
    return made(ACTS[code], {name: inner for name, inner in value.items() if name != "act"})


class Ledger:
    """What the entries of a log add up to: which holds are open, how long papers are kept, what is gone."""

    def __init__(self, entries: Iterable[Act] = ()) -> None:
        self.entries: list[Act] = []
        self.disposals: dict[str, Disposed] = {}
        self._holds: dict[int, Held] = {}
        self._keep: dict[str, date] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: Act) -> None:
        """Take in the next entry.

        Raises:
            InputError: if it is not one that could follow: no store of ours wrote it.
        """
        match entry:
            case Held():
                self._holds[entry.number] = entry
            case Released():
                hold = self._holds.get(entry.hold)
                if hold is None or hold.case_id != entry.case_id:
                    raise InputError(f"lifts hold {entry.hold}, which is not open", field="hold", case_id=entry.case_id)
                del self._holds[entry.hold]
                if entry.keep_until is not None:
                    self._keep[entry.case_id] = max(entry.keep_until, self._keep.get(entry.case_id, date.min))
            case Disposed():
                if self.holds(entry.case_id):
                    said = "tells of a disposal while the case is under a hold"
                    raise InputError(said, field="commitment", case_id=entry.case_id)
                if entry.commitment in self.disposals:
                    said = "tells of a disposal for the second time"
                    raise InputError(said, field="commitment", case_id=entry.case_id)
                self.disposals[entry.commitment] = entry
        self.entries.append(entry)

    def holds(self, case_id: str | None = None) -> tuple[Held, ...]:
        """The open holds of a case, or of all, in the order in which they were set."""
        return tuple(hold for hold in self._holds.values() if case_id in (None, hold.case_id))

    def keep_until(self, case_id: str, own: date | None) -> date | None:
        """The last day a paper of the case must be kept that came with a last day of its own."""
        return max((day for day in (own, self._keep.get(case_id)) if day is not None), default=None)

    def of_case(self, case_id: str | None) -> list[Act]:
        """The entries of a case, or all."""
        return [entry for entry in self.entries if case_id in (None, entry.case_id)]


def new_act(cls: type[_T], **values: Any) -> _T:
    """An entry for the log.

    Raises:
        InputError: if a value cannot be used; ``problems`` lists every fault.
    """
    if "\x00" in str(values.get("reason")):
        raise InputError("holds a NUL, which no database takes", field="reason", case_id=values.get("case_id"))
    return made(cls, values)


def which_hold(ledger: Ledger, case_id: str, number: int | None, *, on: date) -> Held:
    """The open hold that a release on that day means.

    Raises:
        InputError: if there is none, if there are several and it is not said which, or if it was set later.
    """
    holds = ledger.holds(case_id)
    found = [hold for hold in holds if number in (None, hold.number)]
    listed = ", ".join(f"{hold.number} ({hold.on}, {hold.reason})" for hold in holds) or "none"
    if len(found) != 1:
        said = f"case {case_id!r} is under several holds: say which" if found else f"case {case_id!r} has no such hold"
        raise InputError(f"{said}; open: {listed}", field="hold", case_id=case_id)
    if on < found[0].on:
        said = f"{on} lies before the day the hold was set ({found[0].on}); check the day"
        raise InputError(said, field="on", case_id=case_id)
    return found[0]


def may_go(commitment: str, ledger: Ledger, *, case_id: str, keep_until: date | None, on: date) -> None:
    """May the paper be disposed of on that day? ``keep_until`` is the last day that it came with.

    Raises:
        Retained: if not, with every reason.
    """
    last = ledger.keep_until(case_id, keep_until)
    running = last if last is not None and on <= last else None
    holds = ledger.holds(case_id)
    if holds or running:
        raise Retained(commitment, case_id=case_id, keep_until=running, holds=holds)


__all__ = [
    "ACTS",
    "Act",
    "Disposed",
    "Held",
    "Ledger",
    "Released",
    "act_from",
    "act_to",
    "made",
    "may_go",
    "new_act",
    "which_hold",
]
