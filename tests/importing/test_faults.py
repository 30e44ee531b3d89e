"""What cannot be mapped is told by file, line and column, all at once, and takes with it what hangs on it; no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.errors import InputError
from shuroflow.importing import Imported, Kind, parse_mapping, read
from shuroflow.storage import decode, encode

HEAD = "case,kind,day,written,by,role,note,attendee,their role,class\r\n"
MAPPING = """
encoding = "{encoding}"
offset = "+09:00"
programme = "saitama"

[common]
case_id = {{ column = "case" }}
occurred_on = {{ column = "day" }}
recorded_at = {{ column = "written" }}
recorded_by = {{ id = {{ column = "by" }}, role = {{ column = "role" }} }}
note = {{ column = "note" }}

[[event]]
event = "listed"
when = {{ column = "kind", is = "L" }}

[[event]]
event = "selected"
when = {{ column = "kind", is = "S" }}
together = ["case", "kind", "day"]
data.attendees = {{ rows = {{ id = {{ column = "attendee" }}, role = {{ column = "their role" }} }} }}
data.target_class = {{ column = "class" }}
data.ledger_consulted = true

[[event]]
event = "withdrawn"
when = {{ column = "kind", is = "W" }}
data.seq = {{ column = "class" }}
data.reason = {{ column = "note" }}
data.approved_by = {{ id = {{ column = "by" }}, role = "supervisor" }}
"""
GOOD = "A,L,2025-04-03,2025-04-03 15:04,cw-1,caseworker,,,,\r\n"


def run(folder: Path, body: str | bytes, *, encoding: str = "utf-8", head: str = HEAD) -> Imported:
    """Read a table under the mapping above."""
    path = folder / "in.csv"
    content = body if isinstance(body, bytes) else body.encode(encoding)
    path.write_bytes(head.encode(encoding) + content)
    return read([path], parse_mapping(MAPPING.format(encoding=encoding)))


def places(done: Imported) -> list[tuple[int, str | None, Kind]]:
    """Line, column and kind of every fault."""
    return [(fault.line, fault.column, fault.kind) for fault in done.faults]


@pytest.mark.parametrize(
    ("row", "column", "kind"),
    [
        ("A,L,2025-04-31,2025-04-03 15:04,cw-1,caseworker,,,,", "day", Kind.VALUE),
        ("A,L,令和元年4月30日,2025-04-03 15:04,cw-1,caseworker,,,,", "day", Kind.VALUE),
        ("A,L,,2025-04-03 15:04,cw-1,caseworker,,,,", "day", Kind.MISSING),
        ("A,L,2025-04-03,2025-04-03,cw-1,caseworker,,,,", "written", Kind.VALUE),
        ("A,L,2025-04-03,2025-04-03 24:00,cw-1,caseworker,,,,", "written", Kind.VALUE),
        ("A,L,2025-04-03,,cw-1,caseworker,,,,", "written", Kind.MISSING),
        (",L,2025-04-03,2025-04-03 15:04,cw-1,caseworker,,,,", "case", Kind.MISSING),
        ('"A\nB",L,2025-04-03,2025-04-03 15:04,cw-1,caseworker,,,,', "case", Kind.VALUE),
        ("A,L,2025-04-03,2025-04-03 15:04,cw-1,cook,,,,", "role", Kind.UNKNOWN_CODE),
        ("A,L,2025-04-03,2025-04-03 15:04,,caseworker,,,,", "by", Kind.MISSING),
        ("A,S,2025-04-03,2025-04-03 15:04,cw-1,caseworker,,sv-1,,a", "their role", Kind.MISSING),
        ("A,S,2025-04-03,2025-04-03 15:04,cw-1,caseworker,,sv-1,supervisor,z", "class", Kind.UNKNOWN_CODE),
        ("A,S,2025-04-03,2025-04-03 15:04,cw-1,caseworker,,sv-1,supervisor,", "class", Kind.MISSING),
        ("A,W,2025-04-03,2025-04-03 15:04,cw-1,caseworker,x,,,1.5", "class", Kind.VALUE),
        ("A,X,2025-04-03,2025-04-03 15:04,cw-1,caseworker,,,,", None, Kind.NO_RULE),
        ("A,L,2025-04-03,2025-04-03 15:04,cw-1,caseworker,,,", None, Kind.LAYOUT),
        ('A,L,2025-04-03,2025-04-03 15:04,cw-1,caseworker,"a"b,,,', None, Kind.LAYOUT),
        ("A,W,2025-04-03,2025-04-03 15:04,cw-1,caseworker,x,,,7", "class", Kind.CASE),
    ],
)
def test_each_fault_is_told_at_its_cell(tmp_path: Path, row: str, column: str | None, kind: Kind) -> None:
    """Line, column and kind of one fault below a sound row of two lines; the sound case comes through.

    Not so where the row is or may be a withdrawal of any case: a broken row, and one of a case with nothing else.
    """
    sound = GOOD.replace("A,", "B,").replace(",,,,", ',"two\nlines",,,')

    done = run(tmp_path, f"{sound}{row}\r\n")

    unplaced = kind is Kind.LAYOUT or ",W," in row or ",X," in row
    assert [(4, "case" if unplaced and kind is Kind.CASE else column, kind)] == places(done)
    assert ([] if unplaced else ["B"]) == list(done.cases)
    assert ([4] if unplaced else []) == [fault.line for fault in done.unplaced]
    assert done.faults[0].text("ja").startswith(f"{tmp_path / 'in.csv'}:4: ")
    assert kind.label("en") in done.faults[0].text("en")


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Several in one row, several rows: all are listed, in the order of the file."""
    row = "A,L,2025-13-01,yesterday,cw-1,cook,,,,\r\n"

    done = run(tmp_path, GOOD + row + GOOD.replace("15:04", "25:04"))

    values = [(3, "day", Kind.VALUE), (3, "written", Kind.VALUE), (3, "role", Kind.UNKNOWN_CODE)]
    assert [*values, (4, "written", Kind.VALUE)] == places(done)


@pytest.mark.parametrize(
    ("encoding", "cell", "said"),
    [
        ("utf-8", b"\xe3\x81", "E3 at byte 1, 81 at byte 2"),
        ("utf-8", "神".encode() + b"\xff", "FF at byte 4"),
        ("utf-8", b"\xed\xa0\x80", "ED at byte 1, A0 at byte 2, 80 at byte 3"),
        ("cp932", b"\x85\x7f", "85 at byte 1"),
        ("cp932", b"a\xa0", "A0 at byte 2"),
        ("cp932", "神".encode("cp932") + b"\xfd", "FD at byte 3"),
        ("cp932", b"\x80", "80 at byte 1"),
    ],
)
def test_bytes_that_are_no_characters(tmp_path: Path, encoding: str, cell: bytes, said: str) -> None:
    """They are told by line, column and byte, and never replaced: the row keeps them."""
    row = b"A,L,2025-04-03,2025-04-03 15:04,cw-1,caseworker," + cell + b",,,\r\n"

    done = run(tmp_path, GOOD.encode() + row, encoding=encoding)

    assert [(3, "note", Kind.BYTES)] == places(done)
    assert f"{said} of the cell, in {encoding}" == done.faults[0].detail
    assert [row] == [found.raw for found, _ in done.rejected.values()]


def test_rows_of_one_event_must_agree(tmp_path: Path) -> None:
    """Where they differ, the cell and the other line are named; none of the event is taken."""
    rows = (
        "A,S,2025-04-10,2025-04-10 17:00,cw-1,caseworker,x,sv-1,supervisor,a\r\n"
        "A,S,2025-04-10,2025-04-10 17:00,cw-1,caseworker,y,cw-1,caseworker,a\r\n"
    )

    done = run(tmp_path, GOOD + rows)

    assert [(4, "note", Kind.DIFFERS)] == places(done)
    assert "'y' here, 'x' on line 3" == done.faults[0].detail
    assert ["listed"] == [event.kind for event in done.cases["A"]]
    assert [3, 4] == sorted(line for _, line in done.rejected)
    assert {"A"} == done.holes


def test_a_case_with_corrections_and_a_missing_row_is_left_out_whole(tmp_path: Path) -> None:
    """What a correction names by number would be another event: nothing of the case is taken."""
    rows = (
        "A,X,2025-04-04,2025-04-04 15:04,cw-1,caseworker,,,,\r\n"
        + GOOD.replace("03", "05")
        + "A,W,2025-04-06,2025-04-06 15:04,cw-1,caseworker,wrong,,,2\r\n"
    )

    done = run(tmp_path, GOOD + rows + GOOD.replace("A,", "B,"))

    assert {"B"} == set(done.cases)
    assert [(3, None, Kind.NO_RULE)] == places(done)
    assert {"A": done.faults[0]} == done.whole
    assert [2, 3, 4, 5] == sorted(line for _, line in done.rejected)


def test_a_row_of_no_known_case_may_be_of_any(tmp_path: Path) -> None:
    """Where not even the case of a lost row can be read, every case with corrections is left out."""
    lost = b"\xff,L,2025-04-03,2025-04-03 15:04,cw-1,caseworker,,,,\r\n"
    amended = GOOD + "A,W,2025-04-06,2025-04-06 15:04,cw-1,caseworker,wrong,,,1\r\n"

    done = run(tmp_path, amended.encode() + GOOD.replace("A,", "B,").encode() + lost)

    assert ["B"] == list(done.cases)
    assert [(5, "case", Kind.BYTES)] == places(done)
    assert {"A": done.faults[0]} == done.whole


def test_the_order_of_a_case_is_that_of_the_records(tmp_path: Path) -> None:
    """Rows may stand in any order; the events are numbered by the moment they were written, equals by their rows."""
    rows = [GOOD.replace("15:04", time).replace("caseworker,", f"caseworker,{time}") for time in ("15:04", "09:00")]

    done = run(tmp_path, "".join([*rows, rows[1].replace(",09:00,", ",second,")]))

    assert ["09:00", "second", "15:04"] == [event.note for event in done.cases["A"]]
    assert [1, 2, 3] == [event.seq for event in done.cases["A"]]


def test_what_stands_twice_is_told(tmp_path: Path) -> None:
    """The same event in two rows is taken twice and said so; the same file twice is an error."""
    done = run(tmp_path, GOOD + GOOD.replace("15:04", "15:05") + GOOD)

    assert 3 == done.events
    assert [f"{tmp_path / 'in.csv'}:4"] == done.twice
    with pytest.raises(InputError, match="is named twice"):
        read([tmp_path / "in.csv", tmp_path / "." / "in.csv"], parse_mapping(MAPPING.format(encoding="utf-8")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no headings"),
        (b"\xff\xfec\0a\0", "is UTF-16"),
        ("ケース,区分\r\n".encode("cp932"), 'is it `encoding = "cp932"`?'),
        (b'"case\r\n', "not well-formed CSV"),
        (b"case,case\r\n", "the heading 'case' stands twice"),
        (b"case,kind,day\r\n", "no columns 'attendee', 'by', 'note'"),
    ],
)
def test_files_that_cannot_be_used_at_all(tmp_path: Path, content: bytes, said: str) -> None:
    """One error that names the file and what to do."""
    path = tmp_path / "in.csv"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"in\.csv") as caught:
        read([path], parse_mapping(MAPPING.format(encoding="utf-8")))

    assert said in str(caught.value)


@settings(max_examples=200)
@given(
    content=st.binary(max_size=300)
    | st.lists(
        st.sampled_from([*GOOD.encode().split(b","), b'"', b",", b"\r", b"\n", b"\xff", b"\x81"]), max_size=60
    ).map(b",".join),
    encoding=st.sampled_from(["utf-8", "cp932"]),
)
def test_no_bytes_ever_end_in_a_traceback(
    content: bytes, encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any bytes below the headings give events that can be stored, and faults; every row is in one of the two."""
    folder = tmp_path_factory.mktemp("fuzz", numbered=True)

    done = run(folder, content, encoding=encoding)

    for events in done.cases.values():
        assert events == [decode(encode(event)) for event in events]
    assert bool(done.faults) == bool(done.rejected)
    assert done.rows <= sum(map(len, done.cases.values())) + len(done.rejected)


@settings(max_examples=100)
@given(content=st.binary(max_size=100), encoding=st.sampled_from(["utf-8", "cp932"]))
def test_no_file_ever_ends_in_a_traceback(
    content: bytes, encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any bytes as a whole file: what is wrong with it is an error that names the file and the line."""
    path = tmp_path_factory.mktemp("fuzz", numbered=True) / "in.csv"
    path.write_bytes(content)

    with pytest.raises(InputError) as caught:
        read([path], parse_mapping(MAPPING.format(encoding=encoding)))

    assert str(path) == caught.value.file
