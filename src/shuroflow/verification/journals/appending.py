"""What an append promises: all or nothing, the version that was read, keys, links, and words kept as they are."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

import attrs
import pytest
from hypothesis import given

from shuroflow.errors import Conflict, DuplicateKey, InputError
from shuroflow.events import Actor, Corrected, Event, Withdrawn, kinds_of
from shuroflow.events.envelope import evolve
from shuroflow.storage.journal import Appended, Journal
from shuroflow.verification.journals.claims import Adapter
from shuroflow.verification.journals.events import any_event, example, examples
from shuroflow.verification.journals.oracle import as_recorded, link_to, unlinked
from shuroflow.vocabulary import Role

TEXTS = (
    *("\u795e", "\ufa19", "\u304c", "\u304b\u3099", "ｶﾞ", "𠮷", "é", "e\u0301"),
    *("a", "A", "a ", " a", "ß", "ss", "a'b\"c", "%_", "\\", "\u00a0", "\u2028", "1", "01"),
)
"""Texts that are not the same, however alike a database, a file or a Unicode normalisation may find them."""

WITHDRAWAL = Withdrawn(seq=1, reason="別のケース", approved_by=Actor("sv-1", Role.SUPERVISOR))

ELSEWHERE = "rfc6962:" + "0" * 64
"""A link to no event."""


class Appending(Adapter):
    """The promises of ``append``."""

    def test_it_has_every_method(self, journal: Journal) -> None:
        """It has the methods of the port, and ``with`` gives the journal itself."""
        assert isinstance(journal, Journal)
        assert journal.__enter__() is journal

    # ------------------------------------------------------------ what is recorded

    def test_what_is_appended_is_recorded(self, journal: Journal) -> None:
        """What was appended is read, case by case, in order."""
        journal.append("one", examples("one", 1), expected=0)
        journal.append("two", examples("two", 2), expected=0)
        journal.append("one", examples("one", 2, after=1), expected=1)
        assert examples("one", 3) == unlinked(journal.read("one"))
        assert examples("two", 2) == unlinked(journal.read("two"))

    def test_append_says_what_it_recorded(self, journal: Journal) -> None:
        """The case, its version now, the events as recorded: nothing of it a duplicate."""
        first = journal.append("one", examples("one", 3), expected=0, key="k")
        second = journal.append("one", examples("one", 1, after=3), expected=3)
        recorded = tuple(journal.read("one"))
        assert Appended("one", 3, recorded[:3]) == first
        assert Appended("one", 4, recorded[3:]) == second

    def test_append_gives_the_link_to_the_last_event(self, journal: Journal) -> None:
        """``head`` is what the next event would carry: after an append, an append of nothing, and a repeated one."""
        first = journal.append("one", examples("one", 2), expected=0, key="k")
        again = [attrs.evolve(event, seq=event.seq + 2) for event in examples("one", 2)]
        head = link_to(journal.read("one")[-1])
        assert head == first.head
        assert head == journal.append("one", [], expected=2).head
        assert head == journal.append("one", again, expected=2, key="k").head
        assert journal.append("two", [], expected=0).head is None

    def test_any_event_comes_back(self, journal: Journal) -> None:
        """Events of every kind, with any value in any field, come back equal, moments with their own offset."""
        held: dict[str, list[Event]] = {}

        @self.settings
        @given(event=any_event)
        def comes_back(event: Event) -> None:
            known = held.setdefault(event.case_id, [])
            event = attrs.evolve(event, seq=len(known) + 1, prev=None, key=None)
            journal.append(event.case_id, [event], expected=len(known))
            known.append(event)
            found = journal.read(event.case_id)
            assert known == unlinked(found)
            assert event.recorded_at.utcoffset() == found[-1].recorded_at.utcoffset()

        comes_back()

    def test_many_events_in_one_append(self, journal: Journal) -> None:
        """A thousand events, one of them large, are one append like any other."""
        batch = examples("one", 1000)
        batch[500] = attrs.evolve(batch[500], note="長" * 300_000)
        journal.append("one", batch, expected=0)
        assert batch == unlinked(journal.read("one"))

    def test_texts_are_kept_as_they_are(self, journal: Journal) -> None:
        """Words come back code point by code point, with quotes, control characters and all."""
        batch = [example("one", seq, note=text + '\n\t\x00\x7f\\ "\r') for seq, text in enumerate(TEXTS, 1)]
        journal.append("one", batch, expected=0)
        assert [event.note for event in batch] == [event.note for event in journal.read("one")]

    def test_ids_are_compared_exactly(self, journal: Journal) -> None:
        """Ids that look alike, or that some comparison takes for the same, are different cases."""
        for text in TEXTS:
            journal.append(text, [example(text)], expected=0)
        assert [[example(text)] for text in TEXTS] == [journal.read(text) for text in TEXTS]

    def test_nothing_is_shared_with_the_caller(self, journal: Journal) -> None:
        """Changing what was handed in, or the list that was read, does not change what is recorded."""
        said: dict[str, Any] = {"reason": "求職中"}
        correction = Corrected(seq=1, reason="誤記", approved_by=Actor("sv-1", Role.SUPERVISOR), data=said)
        batch = [attrs.evolve(example("one", 1), kind="corrected", data=correction)]
        journal.append("one", batch, expected=0)
        wanted = [attrs.evolve(batch[0], data=evolve(correction, data=dict(said)))]
        said["reason"] = "changed"
        batch.clear()
        journal.read("one").clear()
        assert wanted == journal.read("one")

    # ------------------------------------------------------------ the version

    @pytest.mark.parametrize("expected", [0, 1, 3, 100])
    def test_another_version_is_a_conflict(self, journal: Journal, expected: int) -> None:
        """Any version but that of the case is a conflict with both numbers, and nothing is written."""
        journal.append("one", examples("one", 2), expected=0)
        with pytest.raises(Conflict) as caught:
            journal.append("one", examples("one", 2, after=expected), expected=expected)
        assert ("one", expected, 2) == (caught.value.case_id, caught.value.expected, caught.value.actual)
        assert 2 == len(journal.read("one"))

    def test_a_new_key_does_not_hide_a_conflict(self, journal: Journal) -> None:
        """An append under a key that the case does not know is held to the version as any other."""
        journal.append("one", examples("one", 2), expected=0, key="k")
        with pytest.raises(Conflict):
            journal.append("one", examples("one", 1, after=1), expected=1, key="l")
        assert 2 == len(journal.read("one"))

    def test_an_append_of_nothing_checks_the_version(self, journal: Journal) -> None:
        """No events at all: a conflict, or the version confirmed; nothing is written."""
        assert Appended("one", 0, ()) == journal.append("one", [], expected=0, key="k")
        assert [] == list(journal.cases())
        journal.append("one", examples("one", 2), expected=0)
        assert Appended("one", 2, ()) == journal.append("one", [], expected=2)
        with pytest.raises(Conflict):
            journal.append("one", [], expected=1)
        assert 2 == len(journal.read("one"))

    def test_bad_arguments(self, journal: Journal) -> None:
        """A version below zero, a key that is empty or holds a NUL: errors of the caller, each with its name."""
        for field, arguments in (("expected", (-1, None)), ("key", (0, "")), ("key", (0, "a\x00b"))):
            with pytest.raises(InputError) as caught:
                journal.append("one", [], expected=arguments[0], key=arguments[1])
            assert field == caught.value.field

    # ------------------------------------------------------------ all or nothing

    def test_all_or_nothing(self, journal: Journal) -> None:
        """One event that cannot be written keeps all of its append out; the same events can then be sent in order."""
        good, other = examples("one", 2)
        for bad in (attrs.evolve(other, note="\ud800"), attrs.evolve(other, seq=3), attrs.evolve(other, data=None)):
            with contextlib.suppress(InputError):
                journal.append("one", [good, bad], expected=0, key="k")
        assert [] == journal.read("one")
        assert [] == list(journal.cases())
        journal.append("one", [good, other], expected=0, key="k")
        assert [1, 2] == [event.seq for event in journal.read("one")]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("occurred_on", "2025-04-03"),
            ("recorded_at", None),
            ("recorded_by", None),
            ("data", None),
            ("data", {"reason": "求職中"}),
            ("note", 1),
            ("note", "\ud800"),
            ("programme", "nowhere"),
            ("commitment", "abc"),
        ],
    )
    def test_a_wrong_value_is_refused(self, journal: Journal, field: str, value: Any) -> None:
        """A value of another type, or one that the stored form has no place for, is an error that names the field."""
        with pytest.raises(InputError) as caught:
            journal.append("one", [evolve(example("one"), **{field: value})], expected=0)
        assert field == (caught.value.field or "").partition(".")[0]
        assert [] == journal.read("one")

    def test_an_event_of_another_case_is_refused(self, journal: Journal) -> None:
        """An append is of one case: an event of another is an error."""
        with pytest.raises(InputError) as caught:
            journal.append("one", [example("one", 1), example("two", 2)], expected=0)
        assert "case_id" == caught.value.field
        assert [[], []] == [journal.read("one"), journal.read("two")]

    @pytest.mark.parametrize("numbers", [(2,), (1, 1), (1, 3), (2, 1)])
    def test_events_are_numbered_from_the_version(self, journal: Journal, numbers: tuple[int, ...]) -> None:
        """Numbers that do not go on from the version given, one by one, are an error."""
        with pytest.raises(InputError) as caught:
            journal.append("one", [example("one", seq) for seq in numbers], expected=0)
        assert "seq" == caught.value.field
        assert [] == journal.read("one")

    # ------------------------------------------------------------ keys

    def test_every_event_of_an_append_carries_its_key(self, journal: Journal) -> None:
        """The key stands on each event; one that comes with another key is an error."""
        journal.append("one", [example("one", 1), example("one", 2, key="k")], expected=0, key="k")
        assert ["k", "k"] == [event.key for event in journal.read("one")]
        for key in (None, "k"):
            with pytest.raises(InputError) as caught:
                journal.append("two", [example("two", key="l")], expected=0, key=key)
            assert "key" == caught.value.field

    def test_a_key_again_gives_the_first_result(self, journal: Journal) -> None:
        """The same content under the same key, numbered on: the first result, and nothing is written."""
        first = journal.append("one", examples("one", 2), expected=0, key="k")
        journal.append("one", examples("one", 1, after=2), expected=2)
        again = [attrs.evolve(event, seq=event.seq + 3) for event in examples("one", 2)]
        assert attrs.evolve(first, duplicate=True) == journal.append("one", again, expected=3, key="k")
        assert 3 == len(journal.read("one"))

    def test_a_key_is_known_at_any_version(self, journal: Journal) -> None:
        """A retry need not know how far the case has got since: a known key comes before the version."""
        first = journal.append("one", examples("one", 1), expected=0, key="k")
        journal.append("one", examples("one", 1, after=1), expected=1)
        for expected in (0, 1, 7):
            again = [attrs.evolve(examples("one", 1)[0], seq=expected + 1)]
            assert attrs.evolve(first, duplicate=True) == journal.append("one", again, expected=expected, key="k")

    def test_a_retry_may_be_written_down_later(self, journal: Journal) -> None:
        """The moment of writing is no content: a retry that is made later is the same record."""
        first = journal.append("one", [example("one")], expected=0, key="k")
        later = attrs.evolve(example("one"), recorded_at=example("one").recorded_at.replace(hour=20), seq=2)
        assert attrs.evolve(first, duplicate=True) == journal.append("one", [later], expected=1, key="k")

    @pytest.mark.parametrize(
        "change",
        [
            {"note": "other"},
            {"occurred_on": date(2025, 4, 4)},
            {"recorded_by": Actor("cw-2", Role.CASEWORKER)},
            {"data": kinds_of("saitama")["listed"](reason="other")},
            {"kind": "withdrawn", "data": WITHDRAWAL},
            None,
        ],
    )
    def test_a_key_for_other_content_is_refused(self, journal: Journal, change: dict[str, Any] | None) -> None:
        """Other content under a known key, or none, is an error with the first events, and nothing is written."""
        first = journal.append("one", [example("one")], expected=0, key="k")
        batches = [[attrs.evolve(example("one", 2), **change)]] if change else [[], examples("one", 2, after=1)]
        for batch in batches:
            with pytest.raises(DuplicateKey) as caught:
                journal.append("one", batch, expected=1, key="k")
            assert ("one", "k", first.events) == (caught.value.case_id, caught.value.key, caught.value.first)
        assert 1 == len(journal.read("one"))

    def test_a_key_is_of_one_case(self, journal: Journal) -> None:
        """In another case the same key is free."""
        journal.append("one", [example("one")], expected=0, key="k")
        assert not journal.append("two", [example("two")], expected=0, key="k").duplicate
        assert 1 == len(journal.read("two"))

    def test_keys_are_compared_exactly(self, journal: Journal) -> None:
        """Keys that look alike, or that some comparison takes for the same, are different keys."""
        for at, key in enumerate(TEXTS):
            journal.append("one", [example("one", at + 1)], expected=at, key=key)
        assert list(TEXTS) == [event.key for event in journal.read("one")]

    # ------------------------------------------------------------ links

    def test_each_event_links_to_the_one_before(self, journal: Journal) -> None:
        """``prev`` is the hash of the stored event before it in the case, inside an append and across appends."""
        journal.append("one", examples("one", 2), expected=0, key="k")
        journal.append("two", examples("two", 1), expected=0)
        journal.append("one", examples("one", 2, after=2), expected=2)
        links = [event.prev for event in journal.read("one")]
        first = as_recorded(examples("one", 2), key="k")
        wanted = [*first, *as_recorded(examples("one", 2, after=2), last=first[-1])]
        assert [None, *map(link_to, wanted[:-1])] == links

    def test_an_event_may_say_what_it_was_judged_on(self, journal: Journal) -> None:
        """An event that comes with the right link is recorded as it is."""
        one = as_recorded(examples("one", 4))
        journal.append("one", one[:1], expected=0)
        journal.append("one", one[1:2], expected=1)
        journal.append("one", one[2:], expected=2)
        assert one == journal.read("one")

    def test_an_event_judged_on_another_is_a_conflict(self, journal: Journal) -> None:
        """An event that links to another one than the last was judged on another case: nothing is written."""
        journal.append("two", examples("two", 1), expected=0)
        for case_id, count in (("one", 0), ("two", 1)):
            batch = [attrs.evolve(event, prev=ELSEWHERE) for event in examples(case_id, 1, after=count)]
            with pytest.raises(Conflict) as caught:
                journal.append(case_id, batch, expected=count)
            assert (case_id, count, count) == (caught.value.case_id, caught.value.expected, caught.value.actual)
            assert count == len(journal.read(case_id))

    def test_a_wrong_link_inside_an_append_is_refused(self, journal: Journal) -> None:
        """What an append links together itself cannot be someone else's doing: an error of the caller."""
        good, other = examples("one", 2)
        with pytest.raises(InputError) as caught:
            journal.append("one", [good, attrs.evolve(other, prev=ELSEWHERE)], expected=0)
        assert "prev" == caught.value.field
        assert [] == journal.read("one")


__all__ = ["ELSEWHERE", "TEXTS", "Appending"]
