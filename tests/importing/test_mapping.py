"""A mapping says by key everything that is wrong with it, and the example that is shipped works."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError
from shuroflow.importing import example, parse_mapping, read

COMMON = """
[common]
case_id = { column = "c" }
occurred_on = "2025-04-03"
recorded_at = "2025-04-03T15:04:05+09:00"
recorded_by = { id = "cw-1", role = "caseworker" }
"""
LISTED = f'programme = "saitama"\n{COMMON}\n[[event]]\nevent = "listed"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("encoding =", "the mapping is not TOML"),
        ("", "event: needs at least one [[event]]"),
        (LISTED.replace("listed", "lsited"), "event[1].event: programme 'saitama' has no event 'lsited'"),
        (LISTED.replace("saitama", "osaka"), "event[1].programme: unknown programme 'osaka'"),
        (LISTED.replace('programme = "saitama"', ""), "event[1].programme: the code of a programme"),
        (LISTED.replace("case_id =", "caseid ="), "common.caseid: unknown key; did you mean 'case_id'?"),
        (LISTED.replace("case_id =", "note ="), "event[1].case_id: is needed, here or in [common]"),
        (LISTED + 'data.raeson = "x"', "event[1].data.raeson: unknown key; did you mean 'reason'?"),
        (LISTED + 'data.reason = { colunm = "x" }', "event[1].data.reason.colunm: unknown key"),
        (LISTED + 'data.reason = { column = "x", table = "t" }', "event[1].data.reason.table: there is no [tables.t]"),
        (LISTED + 'data.reason = { column = "x", pattern = "(" }', "event[1].data.reason.pattern: is no regular"),
        (LISTED + 'data.reason = ["x"]', "event[1].data.reason: one value, not a list"),
        (LISTED + 'when = { column = "k", equals = "x" }', "event[1].when.equals: unknown key"),
        ("offset = 9\n" + LISTED, "offset: 9 is no offset from UTC"),
        ('encoding = "utf8"\n' + LISTED, "encoding: did you mean 'utf-8'"),
        ('order = "seq"\n' + LISTED, "order: one of"),
        ("skip = -1\n" + LISTED, "skip: a number of rows"),
        ('delimiter = "::"\n' + LISTED, "delimiter: '::' is not one character"),
        (LISTED.replace("listed", "conference_held") + "data.attendees = 1", "event[1].data.attendees: a list"),
        (
            LISTED.replace("listed", "conference_held") + 'data.attendees = { rows = { id = "a", role = "person" } }',
            "event[1].together: `rows` needs the columns",
        ),
        (LISTED.replace("listed", "corrected") + 'data.data = { column = "x" }', "event[1].data.data: { column"),
    ],
)
def test_wrong_keys_are_told(text: str, problem: str) -> None:
    """Each by its key, with what would mend it."""
    with pytest.raises(InputError) as caught:
        parse_mapping(text)

    assert any(problem in each for each in (caught.value.message, *caught.value.problems)), caught.value.problems


def test_all_wrong_keys_at_once() -> None:
    """One reading of a mapping tells everything."""
    with pytest.raises(InputError, match="and 2 more") as caught:
        parse_mapping("offset = 9\nskip = -1\n" + LISTED + 'data.raeson = "x"')

    assert ["skip", "offset", "event[1].data.raeson"] == [each.partition(":")[0] for each in caught.value.problems]


def test_the_example_works(tmp_path: Path) -> None:
    """The mapping that the command prints reads a table of the columns it names: several rows, several events, 和暦."""
    mapping = parse_mapping(example())
    (tmp_path / "in.csv").write_text(TABLE, encoding="utf-8")

    done = read([tmp_path / "in.csv"], mapping)

    assert [] == done.faults
    assert [] == list(done.unused)
    assert 1 == done.ignored
    listed, selected, consented = done.cases["S-1"]
    assert datetime.fromisoformat("2025-04-03T15:04:00+09:00") == listed.recorded_at
    assert date(2025, 4, 10) == selected.occurred_on
    assert ["supervisor", "caseworker", "specialist"] == [each.role.value for each in selected.data.attendees]
    assert "a" == selected.data.target_class.value
    assert date(2025, 4, 12) == consented.occurred_on
    assert ["specialist_support", "goal_setting"] == [each.value for each in consented.data.scope]


TABLE = """\
ケース番号,区分,年月日,登録日,登録時刻,担当,職種,備考,内容,出席者,出席者の職種,対象,同意日,同意の範囲,同意の方法,備考2
S-1,リスト,令和7年4月3日,2025/4/3,15時04分,cw-03,CW,,意欲あり,,,,,,,
S-1,選定,R7.4.10,2025/4/10,17:00,cw-03,CW,-,,sv-01,SV,1,令和7年4月12日,支援、目標,,
S-1,選定,R7.4.10,2025/4/10,17:00,cw-03,CW,-,,cw-03,CW,1,令和7年4月12日,支援、目標,,
S-1,選定,R7.4.10,2025/4/10,17:00,cw-03,CW,-,,es-07,ES,1,令和7年4月12日,支援、目標,,
S-2,メモ,,,,,,,,,,,,,,
"""


def test_a_cell_with_a_list_of_parts(tmp_path: Path) -> None:
    """The pieces of one cell become the elements, their fields by a pattern and a code table; blank pieces are none."""
    text = (
        LISTED.replace("listed", "conference_held")
        + '[event.data.attendees]\ncolumn = "who"\nsplit = ["、", "/"]\n'
        + 'each.id = { pattern = "^(?:..)(.+)$" }\neach.role = { pattern = "^(..)", table = { CW = "caseworker" } }\n'
    )
    (tmp_path / "in.csv").write_text("c,who\nA,CWcw-1、CWcw-2/\nA,CWcw-1、XXcw-2\n", encoding="utf-8")

    done = read([tmp_path / "in.csv"], parse_mapping(text))

    assert [["cw-1", "cw-2"]] == [[each.id for each in event.data.attendees] for event in done.cases["A"]]
    assert [(3, "who")] == [(fault.line, fault.column) for fault in done.faults]


def test_a_file_without_headings(tmp_path: Path) -> None:
    """The mapping names the columns; rows before them are passed over."""
    text = 'columns = ["x", "c"]\nskip = 1\n' + LISTED
    (tmp_path / "in.csv").write_text("title\n1,A\n2,B\n", encoding="utf-8")

    assert ["A", "B"] == list(read([tmp_path / "in.csv"], parse_mapping(text)).cases)


def _said(text: str) -> str | None:
    """What is wrong with a mapping; any other error than the one for a mapping fails the test."""
    try:
        parse_mapping(text)
    except InputError as error:
        return str(error)
    return None


@given(cut=st.integers(0, len(example())), junk=st.text(max_size=5))
def test_no_mapping_ends_in_a_traceback(cut: int, junk: str) -> None:
    """The example, cut off anywhere with anything behind, is either a mapping or an error that names what is wrong."""
    said = _said(example()[:cut] + junk)

    assert said is None or said


@given(
    table=st.fixed_dictionaries(
        {},
        optional={
            key: st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
            for key in tomllib.loads(example())
        },
    )
)
def test_values_of_a_wrong_type_are_told(table: dict[str, object]) -> None:
    """A key with a value of any other type is an error, not a traceback."""
    import json

    text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items() if value is not None)

    said = _said(text)

    assert said is None or said
