"""What every store of papers promises, as tests that each adapter runs: examples, and a machine of random use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shuroflow.errors import InputError, Retained, Unavailable
from shuroflow.events import Actor
from shuroflow.storage.annexes import MAX_BYTES, Annex, Annexes, Disposed, Held, Kept, Released
from shuroflow.vocabulary import Role

Opener = Callable[[], Annexes]

CLERK = Actor(id="ck-01", role=Role.CLERK)
DIRECTOR = Actor(id="dr-01", role=Role.DIRECTOR)
DAY = date(2031, 4, 1)
UNKNOWN = "0" * 64
PAPER = "診断書 …".encode()
NOBODY: Any = "ck-01"


def oracle(content: bytes, *, salt: bytes, case_id: str, media_type: str, keep_until: date | None) -> str:
    """The commitment, made a second way: HMAC as RFC 2104 writes it, with a hash alone."""
    fields = [case_id.encode(), media_type.encode(), b"" if keep_until is None else str(keep_until).encode()]
    message = b"shuroflow annex 1\n" + b"".join(len(raw).to_bytes(8, "big") + raw for raw in fields) + content
    key = salt + bytes(32)
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).hexdigest()


class AnnexCases:
    """The promises of the port. A subclass has the fixture ``opener``: each call opens one and the same store."""

    @pytest.fixture
    def opener(self) -> Opener:
        """Opens the store of this test, making it if need be."""
        raise NotImplementedError

    @pytest.fixture
    def annexes(self, opener: Opener) -> Iterator[Annexes]:
        """An empty store."""
        with opener() as annexes:
            yield annexes

    def test_is_a_store_of_papers(self, annexes: Annexes) -> None:
        """It has the methods of the port."""
        assert isinstance(annexes, Annexes)

    def test_empty(self, annexes: Annexes) -> None:
        """A new store holds nothing, and says so without an error."""
        assert [] == list(annexes.kept()) == list(annexes.commitments()) == list(annexes.expired(on=DAY))
        assert [] == annexes.log()

    def test_what_is_put_is_got(self, annexes: Annexes) -> None:
        """Any bytes come back as they were, with their label, and the commitment is that of the scheme."""

        @given(
            content=st.binary(max_size=200),
            case_id=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200),
            media_type=st.sampled_from(["application/pdf", "text/plain; charset=utf-8", "image/svg+xml"]),
            keep_until=st.none() | st.dates(),
        )
        @settings(max_examples=30)
        def check(content: bytes, case_id: str, media_type: str, keep_until: date | None) -> None:
            commitment = annexes.put(case_id, content, media_type=media_type, keep_until=keep_until)
            found, kept = annexes.get(commitment), annexes.check(commitment)

            assert isinstance(found, Annex)
            assert isinstance(kept, Kept)
            assert (content, case_id, media_type) == (found.content, found.case_id, found.media_type)
            facts: dict[str, Any] = {"case_id": case_id, "media_type": media_type, "keep_until": keep_until}
            assert commitment == found.commitment == oracle(content, salt=found.salt, **facts)
            assert (commitment, found.label, keep_until) == (kept.commitment, kept.label, kept.keep_until)
            assert len(content) == kept.size
            assert kept in list(annexes.kept(case_id))
            assert commitment in list(annexes.commitments())

        check()

    def test_the_same_paper_twice(self, annexes: Annexes) -> None:
        """Each paper has its own salt: the same content twice is two commitments, and one goes without the other."""
        one, two = (annexes.put("A-1", PAPER, media_type="text/plain") for _ in range(2))

        assert one != two
        annexes.dispose(one, on=DAY, by=CLERK, reason="二重")
        assert isinstance(annexes.get(two), Annex)

    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("case_id", {"case_id": ""}),
            ("case_id", {"case_id": "A\n1"}),
            ("case_id", {"case_id": "A\ud8001"}),
            ("media_type", {"media_type": "pdf"}),
            ("media_type", {"media_type": "text/plain\n"}),
            ("media_type", {"media_type": ""}),
            ("keep_until", {"keep_until": "令和13年3月31日"}),
            ("content", {"content": "text"}),
            ("content", {"content": bytearray(b"text")}),
        ],
    )
    def test_a_wrong_paper(self, annexes: Annexes, field: str, change: dict[str, Any]) -> None:
        """A value that cannot be used is told with its field, and nothing is kept."""
        call: dict[str, Any] = {"case_id": "A-1", "content": b"", "media_type": "text/plain", **change}
        with pytest.raises(InputError) as caught:
            annexes.put(**call)

        assert field == caught.value.field
        assert [] == list(annexes.kept())

    def test_a_paper_that_is_too_large(self, annexes: Annexes, monkeypatch: pytest.MonkeyPatch) -> None:
        """More bytes than are taken are refused before anything is written; that many are not."""
        assert MAX_BYTES == 128 * 2**20
        monkeypatch.setattr("shuroflow.storage.annexes.MAX_BYTES", 10)
        with pytest.raises(InputError, match="11 bytes"):
            annexes.put("A-1", b"x" * 11, media_type="text/plain")
        annexes.put("A-1", b"x" * 10, media_type="text/plain")

        assert [10] == [kept.size for kept in annexes.kept()]

    @pytest.mark.parametrize("commitment", [UNKNOWN, "", "abc", UNKNOWN + "\n", "A" * 64, "../" + UNKNOWN, None])
    def test_what_was_never_kept(self, annexes: Annexes, commitment: Any) -> None:
        """A commitment that is none, or of no paper here, is told as such by every call."""
        for use in (
            annexes.get,
            annexes.check,
            lambda given: annexes.dispose(given, on=DAY, by=CLERK, reason="期間満了"),
        ):
            with pytest.raises(InputError) as caught:
                use(commitment)
            assert "commitment" == caught.value.field
        assert [] == annexes.log()

    def test_a_disposal(self, annexes: Annexes) -> None:
        """The paper is gone; who disposed of it, when and why is what remains."""
        commitment = annexes.put("A-1", PAPER, media_type="text/plain", keep_until=date(2031, 3, 31))
        other = annexes.put("A-1", PAPER, media_type="text/plain", keep_until=date(2031, 3, 31))
        done = annexes.dispose(commitment, on=DAY, by=CLERK, reason="保存期間満了")

        assert Disposed(number=1, case_id="A-1", on=DAY, by=CLERK, reason="保存期間満了", commitment=commitment) == done
        assert done == annexes.get(commitment) == annexes.check(commitment)
        assert [done] == annexes.log() == annexes.log("A-1")
        assert [other] == list(annexes.commitments()) == [kept.commitment for kept in annexes.kept()]

    def test_a_disposal_is_recorded_once(self, annexes: Annexes) -> None:
        """To dispose of it again gives the first record, whoever asks; nothing is written."""
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        done = annexes.dispose(commitment, on=DAY, by=CLERK, reason="保存期間満了")

        assert done == annexes.dispose(commitment, on=DAY + timedelta(1), by=DIRECTOR, reason="念のため")
        assert [done] == annexes.log()

    @pytest.mark.parametrize(("on", "expired"), [(date(2031, 3, 30), 0), (date(2031, 3, 31), 0), (DAY, 1)])
    def test_the_last_day_is_still_kept(self, annexes: Annexes, on: date, expired: int) -> None:
        """Up to the last day of its retention, that day included, nothing is disposed of; on the next day it may be."""
        commitment = annexes.put("A-1", PAPER, media_type="text/plain", keep_until=date(2031, 3, 31))

        assert expired == len(list(annexes.expired(on=on)))
        if expired:
            annexes.dispose(commitment, on=on, by=CLERK, reason="保存期間満了")
            return
        with pytest.raises(Retained) as caught:
            annexes.dispose(commitment, on=on, by=CLERK, reason="保存期間満了")
        told = caught.value
        assert (commitment, "A-1", date(2031, 3, 31), ()) == (
            told.commitment,
            told.case_id,
            told.keep_until,
            told.holds,
        )
        assert isinstance(annexes.get(commitment), Annex)
        assert [] == annexes.log()

    def test_no_end_is_never_expired(self, annexes: Annexes) -> None:
        """A paper without a last day is never listed as expired, whatever a release names; it may go by order."""
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        annexes.release("A-1", on=DAY, by=DIRECTOR, reason="裁決", keep_until=DAY)

        assert [] == list(annexes.expired(on=date.max))
        assert DAY == next(annexes.kept()).keep_until
        with pytest.raises(Retained):
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="不要")
        annexes.dispose(commitment, on=DAY + timedelta(1), by=CLERK, reason="不要")

    def test_a_hold(self, annexes: Annexes) -> None:
        """Under a hold no paper of the case goes, those of others do; the refusal names the hold and the last day."""
        commitment, other = (
            annexes.put(case_id, PAPER, media_type="text/plain", keep_until=DAY) for case_id in ("A-1", "A-2")
        )
        held = annexes.hold("A-1", on=date(2030, 1, 5), by=DIRECTOR, reason="審査請求")

        assert Held(number=1, case_id="A-1", on=date(2030, 1, 5), by=DIRECTOR, reason="審査請求") == held
        for on, running in ((date.max, None), (DAY, DAY)):
            with pytest.raises(Retained) as caught:
                annexes.dispose(commitment, on=on, by=CLERK, reason="保存期間満了")
            assert ((held,), running) == (caught.value.holds, caught.value.keep_until)
        for said in ("hold 1", "2030-01-05", "director dr-01", "審査請求", "2031-04-01"):
            assert said in str(caught.value)
        assert [other] == [kept.commitment for kept in annexes.expired(on=date.max)]
        annexes.dispose(other, on=date.max, by=CLERK, reason="保存期間満了")
        assert isinstance(annexes.get(commitment), Annex)

    def test_a_release(self, annexes: Annexes) -> None:
        """After the release the paper may go, at the earliest after the day that came with it."""
        commitment = annexes.put("A-1", PAPER, media_type="text/plain", keep_until=DAY)
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        until = date(2035, 6, 30)
        released = annexes.release("A-1", on=date(2032, 6, 30), by=DIRECTOR, reason="裁決確定", keep_until=until)

        facts: dict[str, Any] = {"case_id": "A-1", "on": date(2032, 6, 30), "by": DIRECTOR, "reason": "裁決確定"}
        assert Released(number=2, hold=1, keep_until=until, **facts) == released
        assert until == next(annexes.kept()).keep_until
        with pytest.raises(Retained) as caught:
            annexes.dispose(commitment, on=until, by=CLERK, reason="保存期間満了")
        assert (until, ()) == (caught.value.keep_until, caught.value.holds)
        annexes.dispose(commitment, on=until + timedelta(1), by=CLERK, reason="保存期間満了")
        assert [1, 2, 3] == [entry.number for entry in annexes.log()]

    def test_an_earlier_day_shortens_nothing(self, annexes: Annexes) -> None:
        """A day that comes with a release never lies before one that was ordered already."""
        annexes.put("A-1", PAPER, media_type="text/plain", keep_until=DAY)
        for until in (date(2033, 1, 1), date(2032, 1, 1), date(2030, 1, 1)):
            annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
            annexes.release("A-1", on=DAY, by=DIRECTOR, reason="裁決確定", keep_until=until)

            assert date(2033, 1, 1) == next(annexes.kept()).keep_until

    def test_several_holds(self, annexes: Annexes) -> None:
        """Each hold stands until it is released itself; which one is meant has to be said while there are several."""
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        first = annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        second = annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="監査")
        with pytest.raises(InputError, match="say which") as caught:
            annexes.release("A-1", on=DAY, by=DIRECTOR, reason="裁決")
        assert ("hold", "A-1") == (caught.value.field, caught.value.case_id)
        annexes.release("A-1", on=DAY, by=DIRECTOR, reason="裁決", hold=first.number)
        with pytest.raises(Retained) as told:
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
        assert (second,) == told.value.holds
        annexes.release("A-1", on=DAY, by=DIRECTOR, reason="監査終了")
        annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")

    @pytest.mark.parametrize("case_id", ["A-1", "A-2"])
    @pytest.mark.parametrize("number", [None, 1, 3, 0, -1])
    def test_a_release_of_nothing(self, annexes: Annexes, case_id: str, number: int | None) -> None:
        """There is nothing to release without a hold, with that of another case, or with one that is released."""
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        annexes.release("A-1", on=DAY, by=DIRECTOR, reason="裁決")
        annexes.hold("A-3", on=DAY, by=DIRECTOR, reason="審査請求")
        with pytest.raises(InputError, match="no such hold"):
            annexes.release(case_id, on=DAY, by=DIRECTOR, reason="裁決", hold=number)
        assert 3 == len(annexes.log())

    def test_a_release_before_the_hold(self, annexes: Annexes) -> None:
        """A release dated before its hold is a slip; on the same day it is none."""
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        with pytest.raises(InputError, match="lies before"):
            annexes.release("A-1", on=DAY - timedelta(1), by=DIRECTOR, reason="裁決")
        annexes.release("A-1", on=DAY, by=DIRECTOR, reason="裁決")

    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("reason", {"reason": ""}),
            ("reason", {"reason": "a\x00b"}),
            ("by", {"by": NOBODY}),
            ("on", {"on": "2031-4-1"}),
        ],
    )
    def test_a_wrong_order(self, annexes: Annexes, field: str, change: dict[str, Any]) -> None:
        """Who, when and why must be said in every order, or nothing happens."""
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        call: dict[str, Any] = {"on": DAY, "by": CLERK, "reason": "期間満了", **change}
        for order in (lambda: annexes.hold("A-1", **call), lambda: annexes.dispose(commitment, **call)):
            with pytest.raises(InputError) as caught:
                order()
            assert field == caught.value.field
        assert [] == annexes.log()
        assert isinstance(annexes.get(commitment), Annex)

    def test_the_log(self, annexes: Annexes) -> None:
        """Holds, releases and disposals stand in the order in which they were recorded, whatever their days."""
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        entries = [
            annexes.hold("A-2", on=date(2031, 9, 1), by=DIRECTOR, reason="審査請求\n二行目 \u2028 𠮷"),
            annexes.dispose(commitment, on=date(2031, 5, 1), by=CLERK, reason="期間満了"),
            annexes.release("A-2", on=date(2031, 9, 2), by=CLERK, reason="取下げ"),
        ]

        assert entries == annexes.log()
        assert entries[1:2] == annexes.log("A-1")
        assert [] == annexes.log("A-3")
        assert [1, 2, 3] == [entry.number for entry in entries]

    def test_closed(self, opener: Opener) -> None:
        """A store that is closed says so; closing twice is fine."""
        annexes = opener()
        annexes.close()
        annexes.close()
        with pytest.raises(Unavailable, match="closed"):
            annexes.log()
        with pytest.raises(Unavailable, match="closed"):
            annexes.put("A-1", PAPER, media_type="text/plain")


class DurableAnnexCases(AnnexCases):
    """The promises of a store that outlives the process."""

    def test_opened_again(self, opener: Opener) -> None:
        """Papers, holds and disposals are there when the store is opened again, and for one that is open already."""
        with opener() as first, opener() as second:
            one, two = (first.put("A-1", PAPER, media_type="text/plain") for _ in range(2))
            gone = first.dispose(one, on=DAY, by=CLERK, reason="期間満了")
            held = first.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
            with opener() as third:
                for annexes in (second, third):
                    assert gone == annexes.get(one)
                    assert PAPER == annexes.get(two).content
                    assert [gone, held] == annexes.log()
                    with pytest.raises(Retained):
                        annexes.dispose(two, on=DAY, by=CLERK, reason="期間満了")
            second.release("A-1", on=DAY, by=DIRECTOR, reason="取下げ")
            assert 4 == first.dispose(two, on=DAY, by=CLERK, reason="期間満了").number


class LocalAnnexCases(DurableAnnexCases):
    """The promises of a store whose files lie in the folder of the test."""

    def test_no_byte_of_what_was_disposed_of_is_left(self, opener: Opener, tmp_path: Path) -> None:
        """Neither content nor salt stands in any file of the store afterwards; before, both do."""
        with opener() as annexes:
            marked = b"a very telling diagnosis " * 40
            commitment = annexes.put("A-1", marked, media_type="text/plain")
            found = annexes.get(commitment)
            assert isinstance(found, Annex)
            traces = [marked[:25], found.salt, found.salt.hex().encode()]
            assert (True, True) == (_there(tmp_path, traces[:1]), _there(tmp_path, traces[1:]))
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")

            assert not _there(tmp_path, traces)
        assert not _there(tmp_path, traces)


def _there(folder: Path, traces: list[bytes]) -> bool:
    """Does one of the traces stand in a file of the folder?"""
    held = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return any(trace in content for trace in traces for content in held)


def machine(opener: Callable[[Path], Annexes], *, durable: bool, rounds: int) -> type[RuleBasedStateMachine]:
    """Random use of a store, held to a model of its own: dictionaries and two lines of rules.

    ``opener`` opens the store of a folder, making it if need be.
    """
    cases = st.sampled_from(["A", "B"])
    days = st.dates(date(2031, 4, 1), date(2031, 4, 6))
    picks = st.integers(0, 5)

    class Machine(RuleBasedStateMachine):
        """Papers, holds and orders to dispose, in any order and on any day."""

        def __init__(self) -> None:
            super().__init__()
            self.folder = TemporaryDirectory()
            self.store = opener(Path(self.folder.name))
            self.papers: dict[str, tuple[str, bytes, date | None]] = {}
            self.gone: dict[str, int] = {}
            self.holds: dict[int, str] = {}
            self.longer: list[tuple[str, date]] = []
            self.count = 0

        def _last(self, case_id: str, own: date | None) -> date | None:
            return max([day for day in (own, *(d for c, d in self.longer if c == case_id)) if day], default=None)

        @rule(case_id=cases, content=st.binary(max_size=4), keep_until=st.none() | days)
        def put(self, case_id: str, content: bytes, keep_until: date | None) -> None:
            """A paper comes in."""
            commitment = self.store.put(case_id, content, media_type="text/plain", keep_until=keep_until)
            assert commitment not in self.papers
            self.papers[commitment] = case_id, content, keep_until

        @rule(case_id=cases, on=days)
        def hold(self, case_id: str, on: date) -> None:
            """A hold is set."""
            self.count += 1
            assert self.count == self.store.hold(case_id, on=on, by=DIRECTOR, reason="審査請求").number
            self.holds[self.count] = case_id

        @precondition(lambda self: self.holds)
        @rule(pick=picks, keep_until=st.none() | days)
        def release(self, pick: int, keep_until: date | None) -> None:
            """One of the open holds is released."""
            number = sorted(self.holds)[pick % len(self.holds)]
            case_id = self.holds.pop(number)
            self.store.release(
                case_id, on=date(2032, 1, 1), by=DIRECTOR, reason="裁決", hold=number, keep_until=keep_until
            )
            self.count += 1
            if keep_until is not None:
                self.longer.append((case_id, keep_until))

        @precondition(lambda self: self.papers)
        @rule(pick=st.integers(0, 20), on=days)
        def dispose(self, pick: int, on: date) -> None:
            """One of the papers, gone or not, is to be disposed of."""
            commitment = list(self.papers)[pick % len(self.papers)]
            case_id, _, own = self.papers[commitment]
            if commitment in self.gone:
                assert (
                    self.gone[commitment] == self.store.dispose(commitment, on=on, by=CLERK, reason="期間満了").number
                )
                return
            last = self._last(case_id, own)
            may = case_id not in self.holds.values() and (last is None or last < on)
            if may:
                self.count += 1
                self.gone[commitment] = self.store.dispose(commitment, on=on, by=CLERK, reason="期間満了").number
                assert self.count == self.gone[commitment]
                return
            with pytest.raises(Retained) as caught:
                self.store.dispose(commitment, on=on, by=CLERK, reason="期間満了")
            held = {number for number, held in self.holds.items() if held == case_id}
            assert held == {hold.number for hold in caught.value.holds}
            assert (last if last and on <= last else None) == caught.value.keep_until

        @rule(on=days)
        def expired(self, on: date) -> None:
            """What could go is what nothing stands against, and whose last day is over."""
            free = {
                commitment
                for commitment, (case_id, _, own) in self.papers.items()
                if commitment not in self.gone and case_id not in self.holds.values() and own is not None
                if max(day for day in (own, self._last(case_id, own)) if day) < on
            }
            assert free == {kept.commitment for kept in self.store.expired(on=on)}

        @precondition(lambda self: durable)
        @rule()
        def open_again(self) -> None:
            """The store is closed and opened."""
            self.store.close()
            self.store = opener(Path(self.folder.name))

        @invariant()
        def as_the_model_says(self) -> None:
            """Every paper that is not gone is there to the last byte, every other is not; the log is gapless."""
            for commitment, (_, content, _) in self.papers.items():
                found = self.store.get(commitment)
                if commitment in self.gone:
                    assert isinstance(found, Disposed)
                    assert self.gone[commitment] == found.number
                else:
                    assert isinstance(found, Annex)
                    assert content == found.content
            assert sorted(self.papers.keys() - self.gone.keys()) == list(self.store.commitments())
            assert list(range(1, self.count + 1)) == [entry.number for entry in self.store.log()]

        def teardown(self) -> None:
            """Close the store and remove it."""
            self.store.close()
            self.folder.cleanup()

    Machine.TestCase.settings = settings(max_examples=rounds, stateful_step_count=25)
    return Machine


__all__ = [
    "CLERK",
    "DAY",
    "DIRECTOR",
    "PAPER",
    "UNKNOWN",
    "AnnexCases",
    "DurableAnnexCases",
    "LocalAnnexCases",
    "Opener",
    "machine",
    "oracle",
]
