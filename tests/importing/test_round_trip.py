"""Whatever another system holds comes back as the same events: any caseload, any text, UTF-8 and CP932."""

from __future__ import annotations

import codecs
import tempfile
from datetime import date
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.audit import CaseReport, audit
from shuroflow.events import Actor, Corrected, Event, Withdrawn
from shuroflow.events.structure import unstructure
from shuroflow.importing import Imported, parse_mapping, read, write
from shuroflow.samples import SAMPLES
from shuroflow.simulation import caseload
from shuroflow.storage import decode, open_journal
from shuroflow.verification.strategies import histories
from shuroflow.vocabulary import Role
from tests.importing.foreign import by_case, sayable, table_of

SAMPLED = [decode(line) for path in SAMPLES for line in path.read_bytes().splitlines()]
CHARACTERS = st.characters(exclude_categories=["Cs"])
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
"""What an id may be: one line without control characters."""
TEXTS = st.text(CHARACTERS, min_size=1, max_size=40) | st.sampled_from(
    [
        "葛\U000e0100城",
        "𠮷野家",
        "神\ufa19",
        "\ue000\ue757\uf8ff",
        '"',
        '",\r\n"',
        "\r",
        "a\nb",
        "=1+1",
        " 　",
        "\ufeff",
    ]
)
STRAY_CP932 = "\x80\uf8f0\uf8f1\uf8f2\uf8f3"
ONE_WAY = "\xa2\xa3\xac\u2016\u2212\u301c"
"""What CP932 writes as the code of another character; a system that keeps CP932 never held these."""
IN_CP932 = st.text(st.characters(codec="cp932", exclude_characters=STRAY_CP932 + ONE_WAY), min_size=1, max_size=40)


def imported(events: list[Event], seed: int, encoding: str, *, mark: bytes = b"", delimiter: str = ",") -> Imported:
    """The events, written by the other system and read again."""
    text, mapping = table_of(events, seed, delimiter=delimiter)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "foreign.csv"
        path.write_bytes(mark + text.encode(encoding))
        return read([path], parse_mapping(f'encoding = "{encoding}"\n{mapping}'))


def told(events: list[Event], texts: list[str]) -> list[Event]:
    """The events with other notes."""
    return [attrs.evolve(sayable(event), note=texts[at % len(texts)]) for at, event in enumerate(events)]


@settings(max_examples=60)
@given(
    events=st.sampled_from(["saitama", "tsushima"]).flatmap(histories),
    texts=st.lists(TEXTS, min_size=1, max_size=8),
    name=NAMES,
    seed=st.integers(0, 9),
    mark=st.sampled_from([b"", codecs.BOM_UTF8]),
    delimiter=st.sampled_from([",", "\t", ";"]),
)
def test_any_history_in_utf_8(
    events: tuple[Event, ...], texts: list[str], name: str, seed: int, mark: bytes, delimiter: str
) -> None:
    """A history with any text, under any id, comes back the same, to the character."""
    whole = [attrs.evolve(event, case_id=name) for event in told(list(events), texts)]

    done = imported(whole, seed, "utf-8", mark=mark, delimiter=delimiter)

    assert [] == done.faults
    assert {name: whole} == done.cases


@settings(max_examples=40)
@given(
    events=st.sampled_from(["saitama", "tsushima"]).flatmap(histories),
    texts=st.lists(IN_CP932, min_size=1, max_size=8),
    seed=st.integers(0, 9),
)
def test_any_history_in_cp932(events: tuple[Event, ...], texts: list[str], seed: int) -> None:
    """The same in what Windows in Japan calls Shift_JIS, for every text that it has characters for."""
    whole = told(list(events), texts)

    done = imported(whole, seed, "cp932")

    assert [] == done.faults
    assert {"case-1": whole} == done.cases


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_the_samples(encoding: str) -> None:
    """All sample records, both programmes in one table."""
    done = imported(SAMPLED, 1, encoding)

    assert [] == done.faults
    assert by_case(SAMPLED) == done.cases


@pytest.mark.parametrize("seed", [1, 2])
def test_a_caseload_and_its_verdicts(seed: int, tmp_path: Path) -> None:
    """A made-up caseload comes back the same; the audit of what was imported finds what that of the original does."""
    made = (event for event, _ in caseload(30, seed, 0.5) if event is not None)
    events = [attrs.evolve(event, prev=None) for event in made]  # the links are made by the journal that is written
    done = imported(events, seed, "cp932")
    assert by_case(events) == done.cases

    write(done, str(tmp_path / "cases.jsonl"))
    original = tmp_path / "original.jsonl"
    with open_journal(str(original), create=True) as journal:
        for case_id, whole in by_case(events).items():
            journal.append(case_id, whole, expected=0)

    day = date(2026, 11, 21)
    verdicts = [list(audit([path], as_of=day)) for path in (tmp_path / "cases.jsonl", original)]
    assert all(isinstance(item, CaseReport) for item in verdicts[0])
    bare = [[attrs.evolve(item, case=None, source=None) for item in items] for items in verdicts]
    assert bare[1] == bare[0]


def test_corrections_and_withdrawals() -> None:
    """An event that corrects names the event by the number it has in its case, and carries the right payload."""
    whole = [event for event in SAMPLED if event.case_id == "S01"]
    by, moment = Actor("sv-01", Role.SUPERVISOR), whole[-1].recorded_at
    amending = [
        Corrected(seq=2, reason="誤記", approved_by=by, data=unstructure(whole[1].data)),
        Withdrawn(seq=len(whole) + 1, reason="誤り", approved_by=by),
    ]
    for data, kind in zip(amending, ["corrected", "withdrawn"], strict=True):
        seq = len(whole) + 1
        whole.append(attrs.evolve(whole[-1], seq=seq, kind=kind, data=data, recorded_at=moment, recorded_by=by))

    done = imported(whole, 3, "utf-8")

    assert [] == done.faults
    assert {"S01": whole} == done.cases


def test_every_gaiji_of_cp932() -> None:
    """The 1,880 codes that an office may give to characters of its own are U+E000 to U+E757, there and back."""
    trails = [*range(0x40, 0x7F), *range(0x80, 0xFD)]
    codes = [bytes([lead, trail]) for lead in range(0xF0, 0xFA) for trail in trails]
    text = b"".join(codes).decode("cp932")
    assert [chr(0xE000 + at) for at in range(1880)] == list(text)

    whole = told([event for event in SAMPLED if event.case_id == "S01"], [text])
    done = imported(whole, 0, "cp932")

    assert [] == done.faults
    assert text == done.cases["S01"][0].note
    assert b"".join(codes) == done.cases["S01"][0].note.encode("cp932")
