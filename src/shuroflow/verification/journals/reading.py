"""What reading promises: a case beyond a version, every case in a stable order, and a feed that misses nothing."""

from __future__ import annotations

import pytest

from shuroflow.storage.journal import Journal
from shuroflow.verification.journals.claims import Adapter
from shuroflow.verification.journals.events import examples
from shuroflow.verification.journals.oracle import body_of, unlinked


def fill(journal: Journal) -> list[tuple[str, int]]:
    """Seven events of three cases, some in one append; which stand at position 1, 2, 3 …"""
    journal.append("b", examples("b", 1), expected=0)
    journal.append("a", examples("a", 2), expected=0)
    journal.append("b", examples("b", 2, after=1), expected=1)
    journal.append("c", examples("c", 1), expected=0)
    journal.append("a", examples("a", 1, after=2), expected=2)
    return [("b", 1), ("a", 1), ("a", 2), ("b", 2), ("b", 3), ("c", 1), ("a", 3)]


class Reading(Adapter):
    """The promises of ``read``, ``version``, ``cases``, ``scan``, ``feed`` and ``size``."""

    def test_a_new_journal_is_empty(self, journal: Journal) -> None:
        """It holds nothing, and says so without an error."""
        assert ([], 0) == (journal.read("one"), journal.version("one"))
        assert ([], [], [], 0) == (list(journal.cases()), list(journal.scan()), list(journal.feed()), journal.size())

    @pytest.mark.parametrize("after", range(6))
    def test_read_beyond_a_version(self, journal: Journal, after: int) -> None:
        """``after`` leaves out that many events; beyond the last there are none, and that is no error."""
        journal.append("one", examples("one", 3), expected=0)
        journal.append("two", examples("two", 5), expected=0)
        journal.append("one", examples("one", 1, after=3), expected=3)
        assert examples("one", 4)[after:] == unlinked(journal.read("one", after=after))

    @pytest.mark.parametrize("after", [-1, -2, -(2**70)])
    def test_after_below_nothing_is_everything(self, journal: Journal, after: int) -> None:
        """``after`` below 0 leaves out nothing, of a case and of the feed."""
        fill(journal)
        assert journal.read("a") == journal.read("a", after=after)
        assert list(journal.feed()) == list(journal.feed(after=after))

    def test_an_unknown_case_is_empty(self, journal: Journal) -> None:
        """A case of which nothing was recorded has no events and version 0, and asking does not make it one."""
        fill(journal)
        assert ([], [], 0) == (journal.read("ab"), journal.read("ab", after=1), journal.version("ab"))
        assert "ab" not in list(journal.cases())

    def test_the_version_is_the_number_of_events(self, journal: Journal) -> None:
        """The version of each case is the number of its events."""
        fill(journal)
        assert [3, 3, 1] == [journal.version(case_id) for case_id in "abc"]

    def test_cases_in_the_order_of_their_first_event(self, journal: Journal) -> None:
        """Each case is listed once, in the order in which they were first recorded."""
        fill(journal)
        assert ["b", "a", "c"] == list(journal.cases())

    def test_a_scan_goes_case_by_case(self, journal: Journal) -> None:
        """All events, in the order of the cases, each case in its own order."""
        fill(journal)
        assert [*examples("b", 3), *examples("a", 3), *examples("c", 1)] == unlinked(journal.scan())

    def test_a_scan_goes_on_while_others_record(self, journal: Journal) -> None:
        """An append under a scan disturbs neither; every case comes from its first event on, without a gap."""
        fill(journal)
        scan = journal.scan()
        seen = [next(scan)]
        journal.append("a", examples("a", 1, after=3), expected=3)
        journal.append("d", examples("d", 1), expected=0)
        seen += scan
        for case_id, least in (("b", 3), ("a", 3), ("c", 1), ("d", 0)):
            found = [event.seq for event in seen if event.case_id == case_id]
            assert list(range(1, len(found) + 1)) == found
            assert len(found) >= least

    # ------------------------------------------------------------ the feed

    def test_the_feed_is_in_the_order_of_appends(self, journal: Journal) -> None:
        """Every event once, of all cases as they were recorded, at position 1, 2, 3 … without a gap."""
        order = fill(journal)
        found = list(journal.feed())
        assert order == [(record.event.case_id, record.event.seq) for record in found]
        assert list(range(1, 8)) == [record.position for record in found]

    def test_a_record_has_its_event_and_its_bytes(self, journal: Journal) -> None:
        """Its event is that of the case; its body is the event as canonical JSON, without anything around it."""
        fill(journal)
        for record in journal.feed():
            assert journal.read(record.event.case_id)[record.event.seq - 1] == record.event
            assert body_of(record.event) == record.body

    @pytest.mark.parametrize("after", range(10))
    def test_the_feed_beyond_a_position(self, journal: Journal, after: int) -> None:
        """``after`` leaves out that many records; beyond the last there are none, and that is no error."""
        order = fill(journal)
        found = [(record.position, record.event.case_id, record.event.seq) for record in journal.feed(after=after)]
        assert [(at, *of) for at, of in enumerate(order, 1)][after:] == found

    def test_who_goes_on_from_the_last_position_misses_nothing(self, journal: Journal) -> None:
        """A follower that asks again and again sees every record once, also of an append of several events."""
        seen: list[tuple[int, str]] = []
        for at, (case_id, after, count) in enumerate([("a", 0, 1), ("b", 0, 3), ("c", 0, 1), ("b", 3, 1), ("a", 1, 2)]):
            journal.append(case_id, examples(case_id, count, after=after), expected=after)
            if at % 2 == 0:
                seen += [(r.position, r.event.case_id) for r in journal.feed(after=len(seen))]
        assert list(enumerate("abbbcbaa", 1)) == seen

    def test_the_feed_goes_on_while_others_record(self, journal: Journal) -> None:
        """An append under a feed disturbs neither: what was there comes whole, what is new now or at the next call."""
        order = fill(journal)
        feed = journal.feed(after=1)
        seen = [next(feed)]
        journal.append("d", examples("d", 2), expected=0)
        seen += feed
        seen += journal.feed(after=seen[-1].position)
        assert list(range(2, 10)) == [record.position for record in seen]
        found = [(record.event.case_id, record.event.seq) for record in seen]
        assert [*order[1:], ("d", 1), ("d", 2)] == found

    def test_the_size_is_the_position_of_the_last(self, journal: Journal) -> None:
        """The number of records, of all cases."""
        order = fill(journal)
        assert len(order) == journal.size()


__all__ = ["Reading", "fill"]
