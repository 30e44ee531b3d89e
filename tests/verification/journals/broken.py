"""Journals in memory, each with one broken promise, and the tests of the kit that must say so."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar

import attrs

from shuroflow.errors import Conflict, DuplicateKey, InputError
from shuroflow.events import Event
from shuroflow.storage.codec import decode, encode, link
from shuroflow.storage.journal import Appended, Record
from tests.verification.journals.runner import MACHINE, Broken
from tests.verification.journals.sound import Sound, SoundBulk

BROKEN: list[Broken] = []
"""Every broken adapter."""

_Adapter = TypeVar("_Adapter", bound=type)


def breaks(
    *tests: str,
    machine: bool = True,
    claims: str = "",
    tamper: Callable[[Path, int, bytes], None] | None = None,
) -> Callable[[_Adapter], _Adapter]:
    """Note the adapter as one at which exactly these tests fail, and with ``machine`` random use too."""

    def note(adapter: _Adapter) -> _Adapter:
        names = tuple(f"test_{name}" for name in tests) + ((MACHINE,) if machine else ())
        BROKEN.append(Broken(adapter, names, frozenset(claims.split()), tamper))
        return adapter

    return note


# ---------------------------------------------------------------- what is recorded


@breaks(
    "it_has_every_method",
    "closing_twice_is_fine",
    "a_journal_that_does_not_last_begins_anew",
    "a_second_journal_is_refused_or_apart",
    machine=False,
)
class HasNoContext(Sound):
    """``with`` gives something else than the journal."""

    def __enter__(self) -> Any:
        """Something else."""
        return object()


@breaks(
    "what_is_appended_is_recorded",
    "each_event_links_to_the_one_before",
    "read_beyond_a_version",
    "the_version_is_the_number_of_events",
    "a_scan_goes_case_by_case",
    "a_scan_goes_on_while_others_record",
    "the_feed_is_in_the_order_of_appends",
    "the_feed_beyond_a_position",
    "the_feed_goes_on_while_others_record",
    "who_goes_on_from_the_last_position_misses_nothing",
    "the_size_is_the_position_of_the_last",
)
class ForgetsInterleaved(Sound):
    """An append to a case that is not the one written last is lost."""

    def keep(self, bodies: list[bytes]) -> None:
        """Lose what goes back to an earlier case."""
        if bodies and self.records and decode(bodies[0]).case_id in self.order()[:-1]:
            return
        super().keep(bodies)


@breaks("append_says_what_it_recorded", "a_key_again_gives_the_first_result")
class AnswersWithoutLinks(Sound):
    """The events come back as they were handed in, without what the journal has added."""

    def answer(self, case_id: str, expected: int, made: tuple[Event, ...], last: bytes | None) -> Appended:
        """Leave out the links."""
        return super().answer(case_id, expected, tuple(attrs.evolve(event, prev=None) for event in made), last)


@breaks("append_says_what_it_recorded", "a_key_again_gives_the_first_result")
class CountsOneForEachAppend(Sound):
    """The version in the answer grows by one, whatever was appended."""

    def answer(self, case_id: str, expected: int, made: tuple[Event, ...], last: bytes | None) -> Appended:
        """One more."""
        return attrs.evolve(super().answer(case_id, expected, made, last), version=expected + bool(made))


@breaks("append_gives_the_link_to_the_last_event")
class HeadOfTheFirst(Sound):
    """The head is the link to the first event of the case."""

    def answer(self, case_id: str, expected: int, made: tuple[Event, ...], last: bytes | None) -> Appended:
        """The link to the wrong one."""
        return super().answer(case_id, expected, made, self.case(case_id)[0].body if last else None)


@breaks("any_event_comes_back", "append_gives_the_link_to_the_last_event")
class MomentsInUtc(Sound):
    """The offset of a moment is given up."""

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The same moments, elsewhere."""
        events = super().read(case_id, after=after)
        return [attrs.evolve(event, recorded_at=event.recorded_at.astimezone(UTC)) for event in events]


@breaks("many_events_in_one_append", machine=False)
class TakesAHundred(Sound):
    """Of a large append only the first hundred events are kept."""

    def keep(self, bodies: list[bytes]) -> None:
        """Not more than a hundred."""
        super().keep(bodies[:100])


@breaks("texts_are_kept_as_they_are")
class Normalises(Sound):
    """Words are brought into the normal form C of Unicode."""

    def prepared(self, case_id: str, events: Sequence[Event], expected: int, key: str | None) -> tuple[Event, ...]:
        """Another character for some."""
        ready = super().prepared(case_id, events, expected, key)
        return tuple(
            attrs.evolve(event, note=unicodedata.normalize("NFC", event.note)) if isinstance(event.note, str) else event
            for event in ready
        )


@breaks("ids_are_compared_exactly")
class FindsCasesAlike(Sound):
    """Ids are compared without regard to capitals, as some databases do."""

    def case(self, case_id: str) -> list[Record]:
        """All that are alike."""
        return [record for record in self.records if record.event.case_id.casefold() == case_id.casefold()]


@breaks("nothing_is_shared_with_the_caller", machine=False)
class KeepsTheCallersObjects(Sound):
    """What is recorded is the very object that was handed in."""

    def linked(self, case_id: str, ready: Sequence[Event], expected: int) -> tuple[tuple[Event, ...], list[bytes]]:
        """Remember the objects."""
        made, bodies = super().linked(case_id, ready, expected)
        self.handed_in = made
        return made, bodies

    def keep(self, bodies: list[bytes]) -> None:
        """Keep them."""
        super().keep(bodies)
        kept = zip(self.records[len(self.records) - len(bodies) :], self.handed_in, strict=True)
        self.records[len(self.records) - len(bodies) :] = [attrs.evolve(one, event=event) for one, event in kept]


@breaks("nothing_is_shared_with_the_caller", machine=False)
class HandsOutItsList(Sound):
    """The list that is read is the one that the journal itself goes by."""

    lists: dict[str, list[Event]]

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The list itself."""
        self.lists = getattr(self, "lists", {})
        known = self.lists.setdefault(case_id, [])
        known += [record.event for record in self.case(case_id)[getattr(self, case_id, 0) :]]
        setattr(self, case_id, len(self.case(case_id)))
        return known if after == 0 else known[max(0, after) :]


# ---------------------------------------------------------------- the version


@breaks("another_version_is_a_conflict")
class TellsNumbersWrong(Sound):
    """A conflict says the two numbers the other way round."""

    def check(self, case_id: str, expected: int, key: str | None, ready: Sequence[Event]) -> None:
        """Numbers exchanged."""
        if len(self.case(case_id)) != expected:
            raise Conflict(case_id, expected=len(self.case(case_id)), actual=expected)


@breaks("another_version_is_a_conflict", "a_new_key_does_not_hide_a_conflict")
class IgnoresTheVersion(Sound):
    """Any version will do: the events are numbered on."""

    def check(self, case_id: str, expected: int, key: str | None, ready: Sequence[Event]) -> None:
        """Only an append of nothing is held to it."""
        if not ready:
            super().check(case_id, expected, key, ready)

    def linked(self, case_id: str, ready: Sequence[Event], expected: int) -> tuple[tuple[Event, ...], list[bytes]]:
        """Number on."""
        known = len(self.case(case_id))
        return super().linked(case_id, [attrs.evolve(e, seq=known + at) for at, e in enumerate(ready, 1)], known)


@breaks("a_new_key_does_not_hide_a_conflict")
class KeyInsteadOfVersion(IgnoresTheVersion):
    """An append under a key is not held to the version."""

    def check(self, case_id: str, expected: int, key: str | None, ready: Sequence[Event]) -> None:
        """Only without a key."""
        if key is None or not ready:
            Sound.check(self, case_id, expected, key, ready)


@breaks("an_append_of_nothing_checks_the_version")
class NothingIsAlwaysFine(Sound):
    """An append of nothing is not held to the version."""

    def check(self, case_id: str, expected: int, key: str | None, ready: Sequence[Event]) -> None:
        """Only of something."""
        if ready:
            super().check(case_id, expected, key, ready)


@breaks("bad_arguments")
class TakesAnEmptyKey(Sound):
    """An empty key is taken for none."""

    def prepared(self, case_id: str, events: Sequence[Event], expected: int, key: str | None) -> tuple[Event, ...]:
        """None instead."""
        return super().prepared(case_id, events, expected, key or None)


# ---------------------------------------------------------------- all or nothing


@breaks("all_or_nothing", "a_wrong_link_inside_an_append_is_refused")
class WritesOneByOne(Sound):
    """What came before the event that cannot be written stays."""

    def linked(self, case_id: str, ready: Sequence[Event], expected: int) -> tuple[tuple[Event, ...], list[bytes]]:
        """Keep each as soon as it is linked."""
        made: list[Event] = []
        before = len(self.records)
        for event in ready:
            (one,), bodies = super().linked(case_id, [event], expected)
            Sound.keep(self, bodies)
            made.append(one)
        return tuple(made), [record.body for record in self.records[before:]]

    def keep(self, bodies: list[bytes]) -> None:
        """They are kept already."""


@breaks("a_wrong_value_is_refused", "all_or_nothing")
class TakesAnyNote(Sound):
    """A note that cannot be stored is dropped without a word."""

    def prepared(self, case_id: str, events: Sequence[Event], expected: int, key: str | None) -> tuple[Event, ...]:
        """Without the note."""
        ready = super().prepared(case_id, events, expected, key)
        return tuple(
            attrs.evolve(event, note=None) if event.note == "\ud800" or isinstance(event.note, int) else event
            for event in ready
        )


@breaks("an_event_of_another_case_is_refused")
class TakesOverOtherCases(Sound):
    """An event of another case is recorded in that of the append."""

    def prepared(self, case_id: str, events: Sequence[Event], expected: int, key: str | None) -> tuple[Event, ...]:
        """Of this case now."""
        moved = [attrs.evolve(event, case_id=case_id) for event in events]
        return super().prepared(case_id, moved, expected, key)


@breaks("events_are_numbered_from_the_version", "all_or_nothing")
class Renumbers(Sound):
    """Events with wrong numbers are numbered anew."""

    def prepared(self, case_id: str, events: Sequence[Event], expected: int, key: str | None) -> tuple[Event, ...]:
        """Other numbers."""
        return super().prepared(
            case_id, [attrs.evolve(event, seq=at) for at, event in enumerate(events, expected + 1)], expected, key
        )


# ---------------------------------------------------------------- keys


@breaks("every_event_of_an_append_carries_its_key")
class OverwritesKeys(Sound):
    """An event that comes with another key is given that of the append."""

    def prepared(self, case_id: str, events: Sequence[Event], expected: int, key: str | None) -> tuple[Event, ...]:
        """Another key."""
        return super().prepared(case_id, [attrs.evolve(event, key=key) for event in events], expected, key)


@breaks(
    "a_key_again_gives_the_first_result",
    "a_key_is_known_at_any_version",
    "a_retry_may_be_written_down_later",
    "a_key_for_other_content_is_refused",
    "append_gives_the_link_to_the_last_event",
)
class WritesTwice(Sound):
    """A key that is used again gives a second record."""

    def first(self, case_id: str, key: str) -> list[Event]:
        """Never known."""
        return []


@breaks("a_key_is_known_at_any_version")
class VersionBeforeKey(Sound):
    """A retry is held to the version: it can never come after anything else was recorded."""

    def again(self, case_id: str, key: str, ready: Sequence[Event], first: list[Event]) -> Appended:
        """The version first."""
        if ready:
            self.check(case_id, ready[0].seq - 1, key, ready)
        return super().again(case_id, key, ready, first)


@breaks("a_retry_may_be_written_down_later")
class MomentIsContent(Sound):
    """A retry that is made later is taken for another record."""

    def again(self, case_id: str, key: str, ready: Sequence[Event], first: list[Event]) -> Appended:
        """Moments compared too."""
        if [event.recorded_at for event in ready] != [event.recorded_at for event in first]:
            raise DuplicateKey(case_id, key, first)
        return super().again(case_id, key, ready, first)


@breaks("a_key_for_other_content_is_refused")
class AnyContentWillDo(Sound):
    """Whatever comes under a known key is answered with the first result."""

    def again(self, case_id: str, key: str, ready: Sequence[Event], first: list[Event]) -> Appended:
        """Without a look at the content."""
        return super().again(case_id, key, first, first)


@breaks("a_key_for_other_content_is_refused")
class WordsAreNoContent(Sound):
    """Notes are left out when two records are compared."""

    def again(self, case_id: str, key: str, ready: Sequence[Event], first: list[Event]) -> Appended:
        """Notes made alike."""
        if len(ready) == len(first):
            ready = [attrs.evolve(event, note=known.note) for event, known in zip(ready, first, strict=True)]
        return super().again(case_id, key, ready, first)


@breaks("a_key_is_of_one_case")
class KeysOfAllCases(Sound):
    """A key is known in every case once it was used in one."""

    def first(self, case_id: str, key: str) -> list[Event]:
        """Of any case."""
        return [record.event for record in self.records if record.event.key == key]


@breaks("keys_are_compared_exactly")
class FindsKeysAlike(Sound):
    """Keys are compared without regard to capitals."""

    def first(self, case_id: str, key: str) -> list[Event]:
        """All that are alike."""
        known = [record.event for record in self.case(case_id)]
        return [event for event in known if event.key is not None and event.key.casefold() == key.casefold()]


# ---------------------------------------------------------------- links


@breaks("each_event_links_to_the_one_before", "an_event_may_say_what_it_was_judged_on")
class SetsNoLinks(Sound):
    """Events are stored as they come, without a link, and a link that they bring is dropped."""

    def linked(self, case_id: str, ready: Sequence[Event], expected: int) -> tuple[tuple[Event, ...], list[bytes]]:
        """Checked and dropped."""
        super().linked(case_id, ready, expected)
        made = tuple(attrs.evolve(event, prev=None) for event in ready)
        return made, [encode(event) for event in made]


@breaks("each_event_links_to_the_one_before")
class LinksTheJournal(Sound):
    """An event links to the last of the journal and not to that of its case."""

    def last(self, case_id: str) -> bytes | None:
        """Of any case, once the case has begun."""
        return self.records[-1].body if self.case(case_id) else None


@breaks("an_event_may_say_what_it_was_judged_on")
class TakesNoLinks(Sound):
    """An event that brings its link is refused, right or wrong."""

    def linked(self, case_id: str, ready: Sequence[Event], expected: int) -> tuple[tuple[Event, ...], list[bytes]]:
        """None may bring one."""
        if ready and ready[0].prev is not None:
            raise Conflict(case_id, expected=expected, actual=expected)
        return super().linked(case_id, ready, expected)


@breaks("an_event_judged_on_another_is_a_conflict")
class OverwritesLinks(Sound):
    """A first link that is wrong is put right without a word."""

    def linked(self, case_id: str, ready: Sequence[Event], expected: int) -> tuple[tuple[Event, ...], list[bytes]]:
        """As if it had none."""
        return super().linked(case_id, [*(attrs.evolve(event, prev=None) for event in ready[:1]), *ready[1:]], expected)


@breaks("a_wrong_link_inside_an_append_is_refused")
class BlamesAnother(Sound):
    """A wrong link inside an append is told as somebody else's doing."""

    def linked(self, case_id: str, ready: Sequence[Event], expected: int) -> tuple[tuple[Event, ...], list[bytes]]:
        """A conflict instead of an error of the caller."""
        try:
            return super().linked(case_id, ready, expected)
        except InputError as error:
            if error.field == "prev":
                raise Conflict(case_id, expected=expected, actual=expected) from None
            raise


# ---------------------------------------------------------------- reading


@breaks("a_new_journal_is_empty", "a_journal_that_does_not_last_begins_anew", "a_second_journal_is_refused_or_apart")
class HasNoSizeAtFirst(Sound):
    """The size of an empty journal is an error."""

    def size(self) -> int:
        """The position of the last record, even where there is none."""
        return self.records[-1].position


@breaks("read_beyond_a_version")
class ReadsOneTooMany(Sound):
    """``after`` is the first version that is read, and not the last that is left out."""

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """From ``after`` on."""
        return super().read(case_id, after=max(after - 1, 0))


@breaks(
    "an_unknown_case_is_empty", "a_new_journal_is_empty", "all_or_nothing", "a_journal_that_does_not_last_begins_anew"
)
class AskingMakesACase(Sound):
    """A case that was asked for is listed from then on."""

    asked: tuple[str, ...] = ()

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """Remember that it was asked for."""
        self.asked += (case_id,)
        return super().read(case_id, after=after)

    def cases(self) -> Iterator[str]:
        """Those recorded, and those asked for."""
        return iter(dict.fromkeys([*self.order(), *self.asked]))


@breaks("the_version_is_the_number_of_events")
class CountsAppends(Sound):
    """The version counts appends: those of several events count once."""

    def version(self, case_id: str) -> int:
        """All but the second of an append at versions 2 and 3."""
        return len([record for record in self.case(case_id) if record.event.seq != 3])


@breaks("cases_in_the_order_of_their_first_event")
class SortsCases(Sound):
    """Cases are listed by their names."""

    def cases(self) -> Iterator[str]:
        """Sorted."""
        return iter(sorted(self.order()))


@breaks("a_scan_goes_case_by_case")
class ScansByPosition(Sound):
    """A scan goes by position and mixes the cases."""

    def scan(self) -> Iterator[Event]:
        """All records."""
        return (record.event for record in list(self.records))


@breaks("a_scan_goes_case_by_case", "a_scan_goes_on_while_others_record")
class ScanLeavesOneOut(Sound):
    """A scan does not come to the last case."""

    def scan(self) -> Iterator[Event]:
        """All but the last, where there are several."""
        order = self.order()
        return (record.event for case_id in order[: max(1, len(order) - 1)] for record in self.case(case_id))


@breaks("a_scan_goes_on_while_others_record")
class ScanIsDisturbed(Sound):
    """A scan breaks off when something is recorded."""

    def scan(self) -> Iterator[Event]:
        """As a dictionary that grows meanwhile."""
        size = self.size()
        for event in list(super().scan()):
            if self.size() != size:
                raise RuntimeError("changed size during iteration")
            yield event


@breaks(
    "the_feed_is_in_the_order_of_appends",
    "the_feed_beyond_a_position",
    "the_feed_goes_on_while_others_record",
    "who_goes_on_from_the_last_position_misses_nothing",
)
class FeedsCaseByCase(Sound):
    """The feed goes case by case."""

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """As a scan, numbered."""
        return iter([Record(at, encode(event), event) for at, event in enumerate(self.scan(), 1)][max(0, after) :])


@breaks(
    "the_feed_is_in_the_order_of_appends",
    "the_feed_beyond_a_position",
    "the_feed_goes_on_while_others_record",
    "who_goes_on_from_the_last_position_misses_nothing",
)
class FeedHasGaps(Sound):
    """Positions have gaps, as those of a sequence that does not roll back."""

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """Every other number."""
        return (attrs.evolve(r, position=2 * r.position) for r in list(self.records) if 2 * r.position > after)


@breaks("a_record_has_its_event_and_its_bytes")
class BodyWithLineEnd(Sound):
    """The body is the whole line of a file."""

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """With the line end."""
        return (attrs.evolve(record, body=record.body + b"\n") for record in self.records[max(0, after) :])


@breaks(
    "the_feed_beyond_a_position",
    "the_feed_goes_on_while_others_record",
    "who_goes_on_from_the_last_position_misses_nothing",
)
class FeedsOneAgain(Sound):
    """The record at the position given comes again."""

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """From ``after`` on."""
        return super().feed(after=max(after - 1, 0))


@breaks("after_below_nothing_is_everything", machine=False)
class CountsFromTheEnd(Sound):
    """A number below 0 counts from the end, as in a list."""

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """As a list has it."""
        return [record.event for record in self.case(case_id)[after:]]


@breaks("who_goes_on_from_the_last_position_misses_nothing", "the_feed_goes_on_while_others_record")
class FeedsOnce(Sound):
    """The feed is what it was when it was first asked for."""

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """Of then."""
        self.then = getattr(self, "then", None) or list(self.records)
        return iter(self.then[max(0, after) :])


@breaks("the_feed_goes_on_while_others_record")
class FeedIsDisturbed(Sound):
    """A feed breaks off when something is recorded."""

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """As a dictionary that grows meanwhile."""
        size = self.size()
        for record in self.records[max(0, after) :]:
            if self.size() != size:
                raise RuntimeError("changed size during iteration")
            yield record


@breaks("the_size_is_the_position_of_the_last")
class SizeOfCases(Sound):
    """The size counts the cases."""

    def size(self) -> int:
        """Not the records."""
        return len(self.order())


# ---------------------------------------------------------------- loading


@breaks("bodies_are_loaded_as_they_stand", claims="bulk")
class LoadsCaseByCase(SoundBulk):
    """What is loaded is sorted by case first."""

    def load(self, bodies: Sequence[bytes]) -> int:
        """Sorted."""
        return super().load(sorted(bodies, key=lambda body: decode(body).case_id))


@breaks("a_load_of_nothing", claims="bulk")
class LoadOfNothingIsZero(SoundBulk):
    """A load of nothing gives nought."""

    def load(self, bodies: Sequence[bytes]) -> int:
        """Nought."""
        return super().load(bodies) if bodies else 0


@breaks("a_load_is_all_or_none", claims="bulk")
class LoadsOneByOne(SoundBulk):
    """What came before the body that cannot be loaded stays."""

    def load(self, bodies: Sequence[bytes]) -> int:
        """Without a way back."""
        for body in bodies:
            self.take(body)
        return self.size()


@breaks("a_load_is_all_or_none", claims="bulk")
class LoadsAnySpelling(SoundBulk):
    """Bodies that are not canonical are taken."""

    def understood(self, body: bytes) -> Event:
        """Any JSON will do."""
        return decode(body)


@breaks("a_load_is_all_or_none", claims="bulk")
class LoadsAnyNumber(SoundBulk):
    """Numbers are not looked at."""

    def numbered(self, event: Event) -> None:
        """Any."""


@breaks("a_load_is_all_or_none", claims="bulk")
class LoadsAnyLink(SoundBulk):
    """Links are not looked at."""

    def chained(self, event: Event) -> None:
        """Any."""


@breaks("what_is_loaded_counts_like_any_other", claims="bulk")
class LoadsWithoutKeys(SoundBulk):
    """The keys of what was loaded are not known."""

    loaded: frozenset[int] = frozenset()

    def take(self, body: bytes) -> None:
        """Remember which were loaded."""
        super().take(body)
        self.loaded |= {len(self.records)}

    def first(self, case_id: str, key: str) -> list[Event]:
        """Only what was appended."""
        known = [record.event for record in self.case(case_id) if record.position not in self.loaded]
        return [event for event in known if event.key == key]


@breaks("events_without_links_are_loaded", claims="bulk")
class LinksWhatIsLoaded(SoundBulk):
    """Events without a link are given one."""

    def take(self, body: bytes) -> None:
        """With a link."""
        event, last = self.understood(body), self.last(self.understood(body).case_id)
        if event.prev is None and last is not None:
            body = encode(attrs.evolve(event, prev=link(last)))
        super().take(body)


# ---------------------------------------------------------------- several at once


@breaks("threads_at_once", machine=False, claims="threads")
class CommitsLate(Sound):
    """Positions are given before the commit: one that is late is passed by those who follow the feed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.committed: set[int] = set()
        self.never = threading.Event()

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Every other append takes its time after it has its positions."""
        done = super().append(case_id, events, expected=expected, key=key)
        positions = {record.position for record in self.case(case_id) if record.event in done.events}
        if positions and min(positions) % 2 and threading.active_count() > 2:
            self.never.wait(0.002)
        self.committed |= positions
        return done

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """What is committed by now."""
        committed = set(self.committed)
        return iter([record for record in self.records[max(0, after) :] if record.position in committed])


# ---------------------------------------------------------------- what is not claimed


@breaks("it_offers_no_load", machine=False)
class HalfBulk(Sound):
    """There is a way to load that was never claimed."""

    load = SoundBulk.load


@breaks("another_thread_is_answered_or_refused", machine=False)
class OneThreadOnly(Sound):
    """Another thread is told that there is nothing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.thread = threading.get_ident()

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """Only for the thread that has opened the journal."""
        if threading.get_ident() != self.thread:
            return []
        return super().read(case_id, after=after)


_rooms: dict[str, list[Any]] = {}


@breaks("a_journal_that_does_not_last_begins_anew", "a_second_journal_is_refused_or_apart", machine=False)
class RemembersFolders(Sound):
    """Said to live in memory only, it goes on where another journal of the same folder was."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.records = _rooms.setdefault(str(folder), [])


@breaks("closing_twice_is_fine", machine=False)
class ClosesOnce(Sound):
    """A second close is an error."""

    closed = False

    def close(self) -> None:
        """Once."""
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True
