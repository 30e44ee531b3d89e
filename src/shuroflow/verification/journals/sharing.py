"""What several at once may rely on: two journals on one store, processes, threads, or that none of it is half so."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from shuroflow.errors import Conflict, JournalError, Unavailable
from shuroflow.storage.journal import Journal
from shuroflow.verification.journals.campaign import concurrency, throng
from shuroflow.verification.journals.claims import Adapter, where
from shuroflow.verification.journals.events import examples
from shuroflow.verification.journals.lasting import everything
from shuroflow.verification.journals.oracle import as_recorded, unlinked
from shuroflow.verification.journals.processes import glance
from shuroflow.verification.journals.reading import fill


class Sharing(Adapter):
    """The promises to those who use one store together."""

    @where("shared")
    def test_two_see_the_same(self, tmp_path: Path) -> None:
        """What one journal records, another on the same store reads at once, in every way it can be asked."""
        with self.open(tmp_path) as ours, self.open(tmp_path) as theirs:
            assert ([], [], [], [], 0) == everything(theirs)
            fill(ours)
            assert everything(ours) == everything(theirs)
            theirs.append("d", examples("d", 2), expected=0)
            assert everything(theirs) == everything(ours)

    @where("shared")
    def test_the_slower_of_two_gets_a_conflict(self, tmp_path: Path) -> None:
        """Two that read the same version: one of them records, the other is told, and its append is not there."""
        with self.open(tmp_path) as ours, self.open(tmp_path) as theirs:
            ours.append("one", examples("one", 1), expected=0)
            theirs.append("one", examples("one", 2, after=1), expected=1)
            with pytest.raises(Conflict) as caught:
                ours.append("one", examples("one", 1, after=1), expected=1)
            assert (1, 3) == (caught.value.expected, caught.value.actual)
            assert examples("one", 3) == unlinked(theirs.read("one"))

    @where("shared")
    def test_a_key_is_known_to_both(self, tmp_path: Path) -> None:
        """What one recorded under a key, the other does not record again."""
        with self.open(tmp_path) as ours, self.open(tmp_path) as theirs:
            first = theirs.append("one", examples("one", 2), expected=0, key="k")
            again = ours.append("one", examples("one", 2), expected=0, key="k")
            assert (True, first.events) == (again.duplicate, again.events)

    @where("shared")
    def test_a_case_goes_from_hand_to_hand(self, tmp_path: Path) -> None:
        """Who goes on with a case links to the event that the other one recorded."""
        with self.open(tmp_path) as ours, self.open(tmp_path) as theirs:
            for at in range(4):
                (theirs if at % 2 else ours).append("one", examples("one", 1, after=at), expected=at)
            assert as_recorded(examples("one", 4)) == ours.read("one")

    @where("processes")
    def test_processes_at_once(self, tmp_path: Path) -> None:
        """Processes on the same cases: every acknowledged event once, gapless, in order; a follower misses none."""
        assert () == concurrency(self.opener(tmp_path), processes=3, cases=2, appends=self.appends).faults

    @where("threads")
    def test_threads_at_once(self, journal: Journal) -> None:
        """Threads that share one journal: every acknowledged event once, gapless, in order; a follower misses none."""
        assert () == throng(journal, threads=4, cases=2, appends=self.appends).faults

    # ------------------------------------------------------------ not claimed

    @where("shared", claimed=False)
    def test_a_second_journal_is_refused_or_apart(self, tmp_path: Path) -> None:
        """It does not half share: a second journal on the store is refused, or is another store altogether."""
        with self.open(tmp_path) as ours:
            ours.append("one", examples("one", 1), expected=0)
            try:
                theirs = self.open(tmp_path)
            except Unavailable:
                pass
            else:
                with theirs:
                    assert not self.durable, "a second journal on one durable store must be refused"
                    assert ([], [], [], [], 0) == everything(theirs)
            assert examples("one", 1) == unlinked(ours.read("one"))

    @where("processes", claimed=False)
    def test_another_process_is_refused_or_apart(self, tmp_path: Path) -> None:
        """It does not half share: in another process the store is refused, or is another one altogether."""
        with self.open(tmp_path) as ours:
            ours.append("one", examples("one", 1), expected=0)
            seen = glance(self.opener(tmp_path))
            assert seen == "Unavailable" or (seen == "0" and not self.durable)
            assert examples("one", 1) == unlinked(ours.read("one"))

    @where("threads", claimed=False)
    def test_another_thread_is_answered_or_refused(self, journal: Journal) -> None:
        """It does not half work: used from another thread it answers as ever, or says that it does not."""
        journal.append("one", examples("one", 2), expected=0)
        answers: list[object] = []

        def ask() -> None:
            try:
                answers.append(journal.read("one"))
            except JournalError as error:
                answers.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        (answer,) = answers
        assert isinstance(answer, JournalError) or journal.read("one") == answer


__all__ = ["Sharing"]
