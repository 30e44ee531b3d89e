"""Corrections and withdrawals name the event they mean: by the other system's numbers, or by place; or they are told.

Whoever names the wrong event alters a record. What they mean, and whether they fit, is held against the naive model of
:mod:`tests.states.two_days`.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from datetime import date
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random

import attrs
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.importing import Imported, Kind, parse_mapping, read
from shuroflow.states.history import effective
from shuroflow.verification.strategies import histories
from tests.importing.foreign import sayable, table_of
from tests.states import two_days as naive

KINDS = ("corrected", "withdrawn")


def _told(events: list[Event]) -> list[Event]:
    """The record, with something to correct in every correction."""
    return [
        attrs.evolve(event, data=attrs.evolve(event.data, occurred_on=date(2025, 6, 9)))
        if says_nothing(event)
        else sayable(event)
        for event in events
    ]


def says_nothing(event: Event) -> bool:
    """Is it a correction of nothing?"""
    return isinstance(event.data, Corrected) and event.data.occurred_on is None and event.data.data is None


RECORDS = naive.amended(st.sampled_from(["saitama", "tsushima"]).flatmap(histories).map(list)).map(_told)
SEEDS = st.integers(0, 999)


def numbers_of(seed: int) -> list[int]:
    """Record numbers with gaps; the number at an index is that of the event with this ``seq``."""
    random = Random(seed)
    return [0, *accumulate(random.choice([1, 1, 2, 9, 10**9]) for _ in range(60))]


def renumbered(events: Sequence[Event], numbers: Sequence[int]) -> list[Event]:
    """The same record as a system keeps it that numbers its records in its own way."""
    return [
        attrs.evolve(
            event,
            seq=numbers[event.seq],
            data=attrs.evolve(event.data, seq=numbers[event.data.seq]) if amends(event) else event.data,
        )
        for event in events
    ]


def amends(event: Event) -> bool:
    """Is it a correction or withdrawal?"""
    return event.kind in KINDS


def fits(events: Sequence[Event]) -> bool:
    """Does every amendment name an earlier event, and every one that stands fit it?"""
    try:
        naive.standing(naive.rows_of(events), events[0].programme, date.max, None)
    except naive.Misfit:
        return False
    return all(event.data.seq < event.seq for event in events if amends(event))


@attrs.frozen
class Table:
    """A table that was imported, and what came of it."""

    rows: list[dict[str, str]]
    done: Imported

    def line(self, number: int) -> int:
        """The first line of the record with a number; a row is one line."""
        return 2 + next(at for at, row in enumerate(self.rows) if row["no"] == str(number))

    def places(self) -> list[tuple[int, str | None, Kind]]:
        """Line, column and kind of every fault."""
        assert all(fault.file.endswith("foreign.csv") for fault in self.done.faults)
        return [(fault.line, fault.column, fault.kind) for fault in self.done.faults]


def imported(events: Sequence[Event], *, order: str = '{ column = "no" }', seed: int = 0) -> Table:
    """The events as another system writes them, in any order of the rows unless that counts, and read again."""
    written = list(events)
    if order != '"rows"':
        Random(seed).shuffle(written)
    text, mapping = table_of(written, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "foreign.csv"
        path.write_text(text, encoding="utf-8", newline="")
        done = read([path], parse_mapping(mapping.replace('order = { column = "no" }', f"order = {order}")))
    return Table(list(csv.DictReader(io.StringIO(text, newline=""))), done)


@settings(max_examples=150, deadline=None)
@given(events=RECORDS, seed=SEEDS)
def test_numbers_with_gaps_mean_the_same_events(events: list[Event], seed: int) -> None:
    """A record with any numbers comes back as it was, each amendment naming what it named; or it does not fit."""
    table = imported(renumbered(events, numbers_of(seed)), seed=seed)

    if fits(events):
        assert [] == table.done.faults
        assert {events[0].case_id: events} == table.done.cases
        effective(table.done.cases[events[0].case_id])  # an audit can use it
        assert sum(map(amends, events)) == table.done.amending
    else:
        assert {} == table.done.cases
        wrong = {table.line(numbers_of(seed)[event.seq]) for event in events if amends(event)}
        assert wrong >= {fault.line for fault in table.done.faults} != set()
        assert all(fault.column is not None for fault in table.done.faults)
        assert len(table.rows) == len(table.done.rejected)


@settings(max_examples=100, deadline=None)
@given(events=RECORDS, order=st.sampled_from(['"rows"', '"recorded_at"']))
def test_without_numbers_the_place_counts(events: list[Event], order: str) -> None:
    """Where no column of numbers gives the order, an amendment names an event by its place in the case."""
    moments = [event.recorded_at for event in events]
    assume(order == '"rows"' or len(set(moments)) == len(moments))

    table = imported(events, order=order)

    sound = fits(events) and places_are_clear(events, table)
    assert ({events[0].case_id: events} if sound else {}) == table.done.cases
    assert sound == (not table.done.faults)


def places_are_clear(events: Sequence[Event], table: Table) -> bool:
    """Is every amendment's number the same event, whether rows or events are counted, and repeats or not?"""
    named = [event.data.seq for event in events if amends(event)]
    bare = [attrs.evolve(event, seq=1) for event in events]
    repeats = any(event in bare[:at] for at, event in enumerate(bare))
    rows = [sum(row["no"] == str(event.seq) for row in table.rows) for event in events]
    return not named or (not repeats and set(rows[: max(named)]) == {1})


@settings(max_examples=100, deadline=None)
@given(data=st.data(), seed=SEEDS)
def test_a_wrong_number_is_told_at_its_cell(data: st.DataObject, seed: int) -> None:
    """A number that no record has, the amendment's own, or that of a later one: file, line and column of that cell."""
    events = data.draw(RECORDS.filter(lambda events: fits(events) and any(map(amends, events))))
    numbers = numbers_of(seed)
    written = renumbered(events, numbers)
    at = data.draw(st.sampled_from([at for at, event in enumerate(events) if amends(event)]))
    held = [event.seq for event in written]
    wrong = data.draw(st.integers(1, 2**53 - 1).filter(lambda n: n not in held) | st.sampled_from(held[at:]))
    written[at] = attrs.evolve(written[at], data=attrs.evolve(written[at].data, seq=wrong))

    table = imported(written, seed=seed)

    column = f"{events[at].programme}.{events[at].kind}.seq"
    assert [(table.line(held[at]), column, Kind.CASE)] == table.places()
    assert str(wrong) in table.done.faults[0].detail
    assert {} == table.done.cases
    assert len(table.rows) == len(table.done.rejected)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), seed=SEEDS)
def test_a_number_that_stands_twice_is_told(data: st.DataObject, seed: int) -> None:
    """Two records of a case with one number: the second row is told, whether or not anything names it."""
    events = data.draw(RECORDS.filter(lambda events: fits(events) and len(events) > 1))
    written = renumbered(events, numbers_of(seed))
    first, second = sorted(
        data.draw(st.lists(st.sampled_from(range(len(events))), min_size=2, max_size=2, unique=True))
    )
    assume((written[first].programme, written[first].kind) != (written[second].programme, written[second].kind))
    written[second] = attrs.evolve(written[second], seq=written[first].seq)

    table = imported(written, seed=seed)

    rows = [2 + at for at, row in enumerate(table.rows) if row["no"] == str(written[first].seq)]
    told = [line for line, column, kind in table.places() if (column, kind) == ("no", Kind.CASE)]
    assert {} == table.done.cases
    assert told
    assert set(told) < set(rows)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), seed=SEEDS)
def test_a_payload_that_does_not_fit_is_told_at_its_cell(data: st.DataObject, seed: int) -> None:
    """The content that a correction gives must be one of the kind it corrects; the cell and the field are named."""
    events = data.draw(RECORDS.filter(lambda events: fits(events) and not amends(events[-1])))
    target = data.draw(st.sampled_from([event for event in events if not amends(event)]))
    by = events[0].recorded_by
    says = Corrected(seq=target.seq, reason="x", approved_by=by, data={"no_such_field": 1})
    whole = [*events, attrs.evolve(events[-1], seq=len(events) + 1, kind="corrected", data=says, note=None)]

    table = imported(renumbered(whole, numbers_of(seed)), seed=seed)

    line, column = table.line(numbers_of(seed)[len(whole)]), f"{target.programme}.corrected.data"
    assert {(line, column, Kind.VALUE)} == set(table.places())
    assert any("data.data.no_such_field" in fault.detail for fault in table.done.faults)
    assert {} == table.done.cases


# A table by hand ------------------------------------------------------------------------------------------------------

HEAD = "case,no,kind,day,of\r\n"
MAPPING = """
offset = "+09:00"
programme = "saitama"
order = { column = "no" }

[common]
case_id = { column = "case" }
occurred_on = { column = "day" }
recorded_at = { date = { column = "day" }, time = "17:00" }
recorded_by = { id = "es-07", role = "specialist" }

[[event]]
event = "activity_recorded"
when = { column = "kind", is = ["V", "VC"] }
together = ["case", "no"]
data = { kind = "consultation", mode = "home_visit" }

[[event]]
event = "consented"
when = { column = "kind", is = "VC" }
data.scope = ["specialist_support", "goal_setting"]

[[event]]
event = "withdrawn"
when = { column = "kind", is = "W" }
data = { seq = { column = "of" }, reason = "x", approved_by = { id = "sv-01", role = "supervisor" } }

[[event]]
event = "corrected"
when = { column = "kind", is = "C" }
data = { seq = { column = "of" }, reason = "x", approved_by = { id = "sv-01", role = "supervisor" } }
"""


def by_hand(folder: Path, *rows: str, mapping: str = MAPPING) -> Imported:
    """Read rows under the mapping above."""
    path = folder / "in.csv"
    path.write_text(HEAD + "".join(f"{row}\r\n" for row in rows), encoding="utf-8", newline="")
    return read([path], parse_mapping(mapping))


def test_the_record_that_is_named_is_withdrawn(tmp_path: Path) -> None:
    """Numbers 1, 3, 4, 5: the withdrawal of 3 takes back the visit of 20 June, whose place is the second."""
    rows = ["T,1,V,2025-06-10,", "T,3,V,2025-06-20,", "T,4,V,2025-06-30,", "T,5,W,2025-07-01,3"]

    done = by_hand(tmp_path, *rows)

    assert 2 == done.cases["T"][3].data.seq
    held = [(event.seq, event.occurred_on) for event in effective(done.cases["T"])]
    assert [(1, date(2025, 6, 10)), (3, date(2025, 6, 30))] == held


def test_the_rows_of_one_event_may_share_its_number(tmp_path: Path) -> None:
    """Two rows of an event with one number, or with a blank one after it, are one record; it can be withdrawn."""
    apart = MAPPING.replace('together = ["case", "no"]', 'together = ["case", "kind", "day"]')
    for second in ("2", ""):
        rows = ["T,2,V,2025-06-10,", f"T,{second},V,2025-06-10,", "T,9,W,2025-07-01,2"]
        done = by_hand(tmp_path, *rows, mapping=apart)
        assert [1] == [event.data.seq for event in done.cases["T"] if isinstance(event.data, Withdrawn)]


def test_one_row_of_several_cannot_be_withdrawn(tmp_path: Path) -> None:
    """Where each row of an event is a record of its own, the event goes only if all do, at once, and stay away."""
    apart = MAPPING.replace('together = ["case", "no"]', 'together = ["case", "kind", "day"]')
    rows = ["T,2,V,2025-06-10,", "T,3,V,2025-06-10,"]
    for more, told in [
        (["T,8,W,2025-07-01,2"], [4]),
        (["T,8,W,2025-07-01,3"], [4]),
        (["T,8,W,2025-07-01,2", "T,9,W,2025-07-01,2"], [4, 5]),
        (["T,8,W,2025-07-01,2", "T,9,W,2025-07-02,3"], [4, 5]),
        (["T,8,W,2025-07-01,2", "T,9,W,2025-07-01,3", "T,10,W,2025-07-02,9"], [4, 5]),
        (["T,8,W,2025-07-01,2", "T,9,W,2025-07-01,3"], []),
    ]:
        done = by_hand(tmp_path, *rows, *more, mapping=apart.replace('is = "W" }', 'is = "W" }\ntogether = ["no"]'))
        assert [(line, "of", Kind.CASE) for line in told] == [
            (each.line, each.column, each.kind) for each in done.faults
        ]
        assert all("records 2, 3" in fault.detail for fault in done.faults)
        if not told:
            assert [] == effective(done.cases["T"])
        else:
            assert {} == done.cases


def test_a_row_that_became_two_events_cannot_be_meant(tmp_path: Path) -> None:
    """One record is no number that stands twice; but which of its two events is withdrawn, nobody can tell."""
    row = "T,2,VC,2025-06-10,"
    assert ["activity_recorded", "consented"] == sorted(each.kind for each in by_hand(tmp_path, row).cases["T"])

    done = by_hand(tmp_path, row, "T,3,W,2025-06-11,2")

    assert [(3, "of", Kind.CASE)] == [(fault.line, fault.column, fault.kind) for fault in done.faults]
    assert "several events are of record 2" in done.faults[0].detail


def test_a_correction_of_a_correction_is_told(tmp_path: Path) -> None:
    """The other system's number of the correction is named, and what to do instead."""
    head, event, rest = MAPPING.rpartition('event = "corrected"')
    with_day = head + event + rest.replace("{ seq", "{ occurred_on = 2025-06-09, seq")

    done = by_hand(tmp_path, "T,2,V,2025-06-10,", "T,5,C,2025-07-01,2", "T,8,C,2025-07-02,5", mapping=with_day)

    assert [(4, "of", Kind.CASE)] == [(fault.line, fault.column, fault.kind) for fault in done.faults]
    assert "record 5 is a correction or withdrawal itself" in done.faults[0].detail


def test_a_correction_of_nothing_is_told(tmp_path: Path) -> None:
    """As at the desk: without the right day and the right content it says nothing. It is told at the cell of either.

    The case is left out: what was to be corrected would stand.
    """
    rows = ["T,2,V,2025-06-10,", "T,5,C,2025-07-01,2"]
    done = by_hand(tmp_path, *rows)
    assert [(3, None, Kind.MISSING)] == [(fault.line, fault.column, fault.kind) for fault in done.faults]
    assert [2, 3] == sorted(line for _, line in done.rejected)
    assert {} == done.cases

    head, event, rest = MAPPING.rpartition('event = "corrected"')
    with_day = head + event + rest.replace("{ seq", '{ occurred_on = { column = "right day" }, seq')
    path = tmp_path / "in.csv"
    lines = [HEAD.replace("of\r", "of,right day\r"), "T,2,V,2025-06-10,,\r\n", "T,5,C,2025-07-01,2,{}\r\n"]
    for day, told in (("", [(3, "right day", Kind.MISSING)]), ("2025-06-09", [])):
        path.write_text("".join(lines).format(day), encoding="utf-8", newline="")
        done = read([path], parse_mapping(with_day))
        assert told == [(fault.line, fault.column, fault.kind) for fault in done.faults]


def test_a_case_of_two_programmes_is_told_at_the_row_that_differs(tmp_path: Path) -> None:
    """Not at the first row of the case, which may be the right one."""
    mapping = (
        MAPPING
        + """
[[event]]
event = "employment_started"
programme = "tsushima"
when = { column = "kind", is = "B" }
"""
    )
    done = by_hand(tmp_path, "T,2,V,2025-06-10,", "T,5,B,2025-07-01,", "T,7,V,2025-07-02,", mapping=mapping)

    assert [(3, None, Kind.CASE)] == [(fault.line, fault.column, fault.kind) for fault in done.faults]
    assert "'tsushima'" in done.faults[0].detail
    assert {} == done.cases


def test_no_case_is_taken_without_its_withdrawal(tmp_path: Path) -> None:
    """Whatever is wrong with the row of an amendment, and wherever: what it takes back would stand without it."""
    visit, good = "T,2,V,2025-06-10,\r\n", "U,2,V,2025-06-10,\r\n"
    also = (
        MAPPING
        + """
[[event]]
event = "consented"
when = { column = "kind", is = "W" }
occurred_on = { column = "case" }
data.scope = ["specialist_support", "goal_setting"]
"""
    )
    rows = [
        "T,9,W,2025-02-30,2",
        "T,x,W,2025-06-30,2",
        "T,,W,2025-06-30,2",
        "T,9,W,2025-06-30,",
        "T,9,W,2025-06-30,\udcff",
    ]
    for row, mapping in [*((row, MAPPING) for row in rows), ("T,9,W,2025-06-30,2", also)]:
        path = tmp_path / "in.csv"
        path.write_bytes(f"{HEAD}{visit}{good}{row}\r\n".encode(errors="surrogateescape"))

        done = read([path], parse_mapping(mapping))

        assert ["U"] == list(done.cases)
        assert {4} == {fault.line for fault in done.faults}
        assert {"T": 4} == {case_id: fault.line for case_id, fault in done.whole.items()}
        assert [2, 4] == sorted(line for _, line in done.rejected)


# What cannot be excluded ----------------------------------------------------------------------------------------------

BY_PLACE = MAPPING.replace('order = { column = "no" }', 'order = "rows"').replace('["case", "no"]', '["case", "day"]')


@pytest.mark.parametrize(
    ("row", "column", "kind"),
    [
        ("T,9,W,2025-06-30,2,x", None, Kind.LAYOUT),
        ("T,9,W,2025-06-30", None, Kind.LAYOUT),
        ('T,9,"W"x,2025-06-30,2', None, Kind.LAYOUT),
        (",9,W,2025-06-30,2", "case", Kind.MISSING),
        (",9,X,2025-06-30,2", None, Kind.NO_RULE),
        ("\udcff,9,W,2025-06-30,2", "case", Kind.BYTES),
        ("\udcff,9,\udcff,2025-06-30,2", "case", Kind.BYTES),
        ("T\t,9,W,2025-06-30,2", "case", Kind.VALUE),
        ("T ,9,W,2025-06-30,2", "case", Kind.CASE),
        ("T ,9,W,2025-02-30,2", "day", Kind.VALUE),
    ],
)
def test_an_amendment_of_no_known_case_holds_everything(
    tmp_path: Path, row: str, column: str | None, kind: Kind
) -> None:
    """It is or may be a withdrawal, and nobody knows of what: no case is taken, and the row is named."""
    path = tmp_path / "in.csv"
    sound = "T,2,V,2025-06-10,\r\nU,2,V,2025-06-10,\r\n"
    path.write_bytes(f"{HEAD}{sound}{row}\r\n".encode(errors="surrogateescape"))

    done = read([path], parse_mapping(MAPPING))

    assert {} == done.cases
    assert (4, column, kind) == (done.faults[0].line, done.faults[0].column, done.faults[0].kind)
    assert {4} == {fault.line for fault in done.unplaced} == {fault.line for fault in done.faults}
    assert [2, 3, 4] == sorted(line for _, line in done.rejected)


@pytest.mark.parametrize("row", ["T,9,X,2025-06-30,2", "T,9,\udcff,2025-06-30,2"])
def test_a_row_that_may_amend_takes_its_case(tmp_path: Path, row: str) -> None:
    """What the row is, nobody knows; of which case, it says: this one is left out, with all its rows."""
    path = tmp_path / "in.csv"
    sound = "T,2,V,2025-06-10,\r\nU,2,V,2025-06-10,\r\n"
    path.write_bytes(f"{HEAD}{sound}{row}\r\n".encode(errors="surrogateescape"))

    done = read([path], parse_mapping(MAPPING))

    assert ["U"] == list(done.cases)
    assert ["T"] == list(done.whole)
    assert [2, 4] == sorted(line for _, line in done.rejected)


def test_what_is_no_amendment_leaves_a_hole(tmp_path: Path) -> None:
    """A visit with a wrong day is no withdrawal: its case is taken with a hole, which is told. Blank cells are none."""
    done = by_hand(tmp_path, "T,2,V,2025-06-10,", "T,3,V,2025-06-31,", ",,,,", "U,2,V,2025-06-10,")

    assert ["T", "U"] == list(done.cases)
    assert {"T"} == done.holes
    assert ({}, []) == (done.whole, done.unplaced)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            ["T,,V,2025-06-10,", "T,,V,2025-06-10,", "T,,V,2025-06-20,", "T,,W,2025-07-01,2"],
            "not one to a row (line 2)",
        ),
        (["T,,VC,2025-06-10,", "T,,V,2025-06-20,", "T,,W,2025-07-01,2"], "not one to a row (line 2)"),
        (["T,,C2,2025-06-10,", "T,,C2,2025-06-10,", "T,,V,2025-06-20,", "T,,W,2025-07-01,3"], "twice (line 3)"),
        (
            ["T,,M,2025-06-10,", "T,,V,2025-06-10,", "T,,V,2025-06-20,", "T,,W,2025-07-01,2"],
            "line 2 of the case is left",
        ),
    ],
)
def test_a_place_that_another_count_gives_another_event(tmp_path: Path, rows: list[str], said: str) -> None:
    """Whether rows or events are counted, repeats or not, ignored rows or not: where it matters, nobody can tell."""
    more = """
[[event]]
event = "consented"
when = { column = "kind", is = "C2" }
data.scope = ["specialist_support", "goal_setting"]
"""
    mapping = 'ignore = [{ column = "kind", is = "M" }]\n' + BY_PLACE + more

    done = by_hand(tmp_path, *rows, mapping=mapping)

    assert {} == done.cases
    assert [(1 + len(rows), "of")] == [(fault.line, fault.column) for fault in done.faults]
    assert said in done.faults[0].detail
    assert "`order`" in done.faults[0].detail
    assert 0 == len(by_hand(tmp_path, *rows[:-1], mapping=mapping).faults)  # without an amendment nothing is unclear


def test_rows_of_one_moment_that_stand_in_another_order(tmp_path: Path) -> None:
    """The newest first, and two on one day: which of the two is the second, the file does not say."""
    mapping = BY_PLACE.replace('"rows"', '"recorded_at"').replace('together = ["case", "day"]', "")
    rows = ["T,,W,2025-07-01,{}", "T,,VC,2025-06-20,", "T,,V,2025-06-10,"]
    plain = mapping.replace('is = "VC"', 'is = "none"')
    two = ["T,,C3,2025-06-20,", *rows[1:]]
    both = (
        plain
        + """
[[event]]
event = "consented"
when = { column = "kind", is = "C3" }
data.scope = ["specialist_support", "goal_setting"]
"""
    )

    assert {} == by_hand(tmp_path, rows[0].format(2), *two, mapping=both).cases
    assert {} == by_hand(tmp_path, rows[0].format(3), *two, mapping=both).cases
    first = by_hand(tmp_path, rows[0].format(1), *two, mapping=both)
    assert date(2025, 6, 10) not in [event.occurred_on for event in effective(first.cases["T"])]


@pytest.mark.parametrize("order", ['"rows"', '"recorded_at"', '{ column = "no" }'])
def test_one_case_number_in_two_files(tmp_path: Path, order: str) -> None:
    """It is told; and where a place is named, the case is refused: the files may be of two offices."""
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(HEAD + "T,1,V,2025-06-10,\r\nU,1,V,2025-06-10,\r\n", encoding="utf-8", newline="")
    rules = parse_mapping(MAPPING.replace('{ column = "no" }', order))
    files = {"T": (str(first), str(second))}

    second.write_text(HEAD + "T,5,V,2025-06-11,\r\n", encoding="utf-8", newline="")
    done = read([first, second], rules)
    assert (["T", "U"], files, []) == (sorted(done.cases), done.shared, done.faults)

    second.write_text(HEAD + "T,5,V,2025-06-11,\r\nT,6,W,2025-06-12,1\r\n", encoding="utf-8", newline="")
    done = read([first, second], rules)
    assert files == done.shared
    if "no" in order:
        assert [1] == [event.data.seq for event in done.cases["T"][2:]]
    else:
        assert ["U"] == list(done.cases)
        assert [(str(second), 3, "of")] == [(fault.file, fault.line, fault.column) for fault in done.faults]


@st.composite
def withdrawn_once(draw: st.DrawFn) -> list[Event]:
    """A history whose last record withdraws one before it: without this one row, nothing tells of any amendment."""
    events = [sayable(event) for event in draw(st.sampled_from(["saitama", "tsushima"]).flatmap(histories))]
    says = Withdrawn(seq=draw(st.integers(1, len(events))), reason="x", approved_by=events[0].recorded_by)
    last = attrs.evolve(events[-1], seq=len(events) + 1, kind="withdrawn", data=says, note=None)
    return [*events, last]


DAMAGE = st.sampled_from(["cut", "longer", "no case", "no kind", "other kind", "no day", "other case"])


def damaged(cells: list[str], names: list[str], how: str) -> list[str]:
    """A row after an accident.

    That a visit is filed under another number, no file can show; that a withdrawal is, shows by its standing alone.
    """
    if how == "other case" and cells[names.index("kind")] not in KINDS:
        how = "no case"
    if how in ("cut", "longer"):
        return cells[:-1] if how == "cut" else [*cells, "x"]
    column = names.index({"case": "case", "kind": "kind", "day": "day"}[how.split()[1]])
    return [*cells[:column], "" if how.startswith("no") else "?", *cells[column + 1 :]]


@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    records=st.tuples(withdrawn_once() | RECORDS, RECORDS),
    order=st.sampled_from(['{ column = "no" }', '"rows"']),
    accidents=st.lists(st.tuples(st.booleans(), st.integers(0, 10**6), DAMAGE), max_size=2),
    cuts=st.lists(st.integers(0, 10**6), max_size=2),
    turned=st.booleans(),
)
def test_whatever_happens_to_the_files_no_amendment_is_lost_or_moved(
    records: tuple[list[Event], list[Event]],
    order: str,
    accidents: list[tuple[bool, int, str]],
    cuts: list[int],
    turned: bool,
) -> None:
    """Two cases over several files, with rows cut, lengthened, or without what they need.

    A case that was amended is taken as it was, or not at all; one that was not has no event that it had not. Without
    any accident, in one file, everything sound is there.
    """
    written = {
        name: [attrs.evolve(event, case_id=name) for event in events]
        for name, events in zip("AB", records, strict=True)
    }
    text, mapping = table_of([*written["A"], *written["B"]])
    names, *rows = csv.reader(io.StringIO(text, newline=""))
    clear = {
        name: order != '"rows"'
        or places_are_clear(
            events, Table([dict(zip(names, row, strict=True)) for row in rows if row[1] == name], Imported())
        )
        for name, events in written.items()
    }
    amending = [at for at, row in enumerate(rows) if row[names.index("kind")] in KINDS]
    for on_amendment, drawn, how in accidents:
        at = amending[drawn % len(amending)] if on_amendment and amending else drawn % len(rows)
        if len(rows[at]) == len(names):
            rows[at] = damaged(rows[at], names, how)
    ends = sorted({0, len(rows), *(cut % len(rows) for cut in cuts)})
    parts = [rows[start:end] for start, end in pairwise(ends)]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.csv" for number in range(len(parts))]
        for path, part in zip(paths, parts, strict=True):
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([names, *part])
        rules = parse_mapping(mapping.replace('order = { column = "no" }', f"order = {order}"))
        done = read(paths[::-1] if turned else paths, rules)

    for name, events in done.cases.items():
        source = written.get(name, [])
        if any(map(amends, source)):
            assert source == events
        elif name in written:
            assert {(each.kind, each.occurred_on) for each in events} <= {
                (each.kind, each.occurred_on) for each in source
            }
        assert name in written or not any(map(amends, events))
    if not accidents and len(parts) == 1:
        assert {name for name, events in written.items() if fits(events) and clear[name]} == set(done.cases)
    assert bool(done.faults) == bool(done.rejected)
