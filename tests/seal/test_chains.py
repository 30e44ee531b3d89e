"""The chain of each case, checked in one pass: against a plain dictionary, and for a great many cases."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import attrs
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.seal.chains import Break, Chains
from shuroflow.storage.codec import leaf_hash, link
from shuroflow.storage.journal import Record
from shuroflow.verification.journals.events import example

EVENT = example()
LINKS = ("right", "wrong", "none", "foreign", "broken")


def expected_breaks(records: Sequence[Record]) -> tuple[list[Break], int]:
    """The same with a dictionary."""
    last: dict[str, Record] = {}
    breaks, unlinked = [], 0
    for record in records:
        event, before = record.event, last.get(record.event.case_id)
        due = 1 if before is None else before.event.seq + 1
        code = None
        if event.seq != due:
            code = "order_broken"
        elif event.prev is not None and event.prev.startswith("rfc6962:"):
            if before is None or event.prev != link(before.body):
                code = "link_broken"
        elif before is not None and due > 1:
            unlinked += 1
        if code:
            breaks.append(Break(code, record.position, event.case_id, event.seq, due))
        last[event.case_id] = record
    return breaks, unlinked


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    """Events of some cases, most of them right, some misplaced, mislinked or without a link."""
    records: list[Record] = []
    last: dict[str, Record] = {}
    for position in range(1, draw(st.integers(1, 30)) + 1):
        case = draw(st.sampled_from(["A", "B", "ケース", "\ud800"]))
        before = last.get(case)
        due = before.event.seq + 1 if before else 1
        seq = draw(st.sampled_from([due, due, due, due, due + 1, 1]))
        body = b"%d" % position
        prev = {
            "right": link(before.body) if before else None,
            "wrong": link(b"else"),
            "none": None,
            "foreign": "abc",
            "broken": "rfc6962:",
        }[draw(st.sampled_from(("right", *LINKS)))]
        last[case] = Record(position, body, attrs.evolve(EVENT, case_id=case, seq=seq, prev=prev))
        records.append(last[case])
    return records


@given(histories())
def test_breaks_are_those_of_a_plain_dictionary(records: list[Record]) -> None:
    """Each is told once, where it is; the number of cases and of events without a link is right."""
    chains = Chains()
    found = [broken for record in records if (broken := chains.take(record, leaf_hash(record.body))) is not None]
    last = {record.event.case_id: record.position for record in records}

    assert expected_breaks(records) == (found, chains.unlinked)
    assert len(last) == len(chains)
    for position in range(len(records) + 1):
        assert sum(at > position for at in last.values()) == chains.later(position)


def test_many_cases_in_little_memory() -> None:
    """5,000 cases, each with two events: all found again, in less than 120 bytes each."""
    count = 5_000
    chains = Chains()
    tracemalloc.start()
    for seq in (1, 2):
        for number in range(count):
            case, body = f"case-{number}", b"%d %d" % (number, seq)
            prev = link(b"%d 1" % number) if seq == 2 else None
            event = attrs.evolve(EVENT, case_id=case, seq=seq, prev=prev)
            assert chains.take(Record((seq - 1) * count + number + 1, body, event), leaf_hash(body)) is None
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (count, count, 0) == (len(chains), chains.later(count), chains.unlinked)
    assert size < 120 * count
