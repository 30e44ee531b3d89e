"""What closing, opening and a crash leave: everything of a durable journal, nothing of one that lives in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from shuroflow.errors import Damaged, Unavailable
from shuroflow.storage.journal import Journal
from shuroflow.verification.journals.claims import Adapter, where
from shuroflow.verification.journals.events import example, examples
from shuroflow.verification.journals.killing import kill9
from shuroflow.verification.journals.oracle import as_recorded, body_of, canonical
from shuroflow.verification.journals.reading import fill


def everything(journal: Journal) -> tuple[object, ...]:
    """All that can be read of a journal."""
    cases = list(journal.cases())
    each = [(case_id, journal.read(case_id), journal.version(case_id)) for case_id in cases]
    return cases, each, list(journal.scan()), list(journal.feed()), journal.size()


USES: tuple[Callable[[Journal], object], ...] = (
    lambda journal: journal.append("one", [example("one")], expected=0),
    lambda journal: journal.read("one"),
    lambda journal: journal.version("one"),
    lambda journal: list(journal.cases()),
    lambda journal: list(journal.scan()),
    lambda journal: list(journal.feed()),
    lambda journal: journal.size(),
)


class Lasting(Adapter):
    """The promises of closing, opening again, a killed process, and a store that somebody else has changed."""

    def test_closing_twice_is_fine(self, tmp_path: Path) -> None:
        """Whoever closes a journal once more than needed does no harm, inside ``with`` or after it."""
        with self.open(tmp_path) as journal:
            journal.append("one", examples("one", 1), expected=0)
            journal.close()
            journal.close()
        journal.close()

    @where("durable")
    def test_everything_is_there_again(self, tmp_path: Path) -> None:
        """Closed and opened, a journal says the same in every way it can be asked."""
        with self.open(tmp_path) as journal:
            fill(journal)
            before = everything(journal)
        with self.open(tmp_path) as journal:
            assert before == everything(journal)

    @where("durable")
    def test_keys_are_known_again(self, tmp_path: Path) -> None:
        """What was recorded under a key before closing is not recorded again after opening."""
        with self.open(tmp_path) as journal:
            first = journal.append("one", examples("one", 2), expected=0, key="k")
        with self.open(tmp_path) as journal:
            again = journal.append("one", examples("one", 2), expected=0, key="k")
            assert attrs.evolve(first, duplicate=True) == again

    @where("durable")
    def test_a_case_goes_on_after_opening(self, tmp_path: Path) -> None:
        """The first append after opening links to the last before closing."""
        with self.open(tmp_path) as journal:
            journal.append("one", examples("one", 2), expected=0)
        with self.open(tmp_path) as journal:
            journal.append("one", examples("one", 1, after=2), expected=2)
            assert as_recorded(examples("one", 3)) == journal.read("one")

    @where("durable")
    def test_a_closed_journal_says_so(self, tmp_path: Path) -> None:
        """Every use of a journal that ``with`` or ``close`` has closed is one typed error that says so."""
        with self.open(tmp_path) as left:
            pass
        closed = self.open(tmp_path)
        closed.close()
        for use in USES:
            for journal in (left, closed):
                with pytest.raises(Unavailable, match="closed"):
                    use(journal)

    @where("durable")
    def test_killed_at_any_moment(self, tmp_path: Path) -> None:
        """A process killed while it writes loses nothing acknowledged and leaves no half append; the store opens."""
        assert () == kill9(self.opener(tmp_path), rounds=self.kills).faults

    # ------------------------------------------------------------ damage

    @where("durable")
    @pytest.mark.parametrize("body", [b"{}", b"no event", b'{"case_id":"one","seq":2}'])
    def test_what_is_no_event_is_damage(self, tmp_path: Path, body: bytes) -> None:
        """Bytes that no journal wrote are told as damage when they are read, in the case and in the feed."""
        with self.open(tmp_path) as journal:
            journal.append("one", examples("one", 3), expected=0)
        self.tamper(tmp_path, 2, body)
        for use in (lambda journal: journal.read("one"), lambda journal: list(journal.feed())):
            with pytest.raises(Damaged), self.open(tmp_path) as journal:
                use(journal)

    @where("durable")
    def test_a_wrong_number_is_damage(self, tmp_path: Path) -> None:
        """An event whose number is not that of its place is not passed on as if nothing were amiss."""
        with self.open(tmp_path) as journal:
            journal.append("one", examples("one", 2), expected=0)
        one = as_recorded(examples("one", 2))
        self.tamper(tmp_path, 2, body_of(attrs.evolve(one[1], seq=3)))
        with pytest.raises(Damaged), self.open(tmp_path) as journal:
            journal.read("one")

    @where("durable")
    def test_a_changed_event_is_damage(self, tmp_path: Path) -> None:
        """An event that was changed, however well it reads, is given away by the link of the next."""
        with self.open(tmp_path) as journal:
            journal.append("one", examples("one", 3), expected=0)
        changed = json.loads(body_of(as_recorded(examples("one", 2))[1]))
        changed["note"] = "one 9"
        self.tamper(tmp_path, 2, canonical(changed))
        for after in (0, 2):
            with pytest.raises(Damaged), self.open(tmp_path) as journal:
                journal.read("one", after=after)

    # ------------------------------------------------------------ not claimed

    @where("durable", claimed=False)
    def test_a_journal_that_does_not_last_begins_anew(self, tmp_path: Path) -> None:
        """It does not half last: opened again it is empty, and nothing of it is known."""
        with self.open(tmp_path) as journal:
            journal.append("one", examples("one", 2), expected=0, key="k")
        with self.open(tmp_path) as journal:
            assert ([], 0) == (journal.read("one"), journal.version("one"))
            assert ([], [], [], [], 0) == everything(journal)
            assert not journal.append("one", examples("one", 2), expected=0, key="k").duplicate


__all__ = ["Lasting", "everything"]
