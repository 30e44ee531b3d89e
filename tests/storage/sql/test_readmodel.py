"""The views that an auditor asks in plain SQL: there on both databases, in Japanese, and in the words of the desk."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

from shuroflow.calendar import fiscal_year, format_fiscal_year
from shuroflow.caseload import Caseload, Standing
from shuroflow.errors import CaseNotFound
from shuroflow.events import Corrected, Event, Withdrawn, kinds_of
from shuroflow.projection import refresh
from shuroflow.simulation.caseload import caseload
from shuroflow.states import programme
from shuroflow.storage.sql import SqlJournal, event_table, metadata
from shuroflow.storage.sql.readmodel import READ_MODEL, CaseRow, DutyRow, case_table, duty_table, read_model
from shuroflow.storage.sql.tables import schema_table
from shuroflow.storage.sql.views import VIEWS, put_on, statements
from shuroflow.vocabulary import UNDER_WAY, Role, State
from tests.caseload.desk import STORIES, Ticking
from tests.states.story import ES, SV
from tests.storage.sql.databases import run

DAY = date(2026, 5, 12)
"""The day after the last on which the payment of one case would have been in time."""
JAPANESE = re.compile(r"[^\x00-\x7f]+")


def all_events() -> list[Event]:
    """All told histories of both programmes, two that stop short, and a few simulated ones."""
    stories = {name: story() for each in STORIES.values() for name, story in each.items()}
    stories["T07-unpaid"] = stories["T07"][:-1]
    stories["S03-open"] = stories["S03"][:11]
    told = [attrs.evolve(event, case_id=name) for name, events in stories.items() for event in events]
    return told + [event for event, _ in caseload(10, 4, 0.5) if event is not None]


@pytest.fixture
def filled(url: str) -> str:
    """A database with all told histories, refreshed as of a day."""
    with SqlJournal(url, create=True) as journal:
        for case_id, run_of in groupby(sorted(all_events(), key=attrgetter("case_id")), attrgetter("case_id")):
            journal.append(case_id, list(run_of), expected=0)
        refresh(journal, as_of=DAY)
    return url


def asked(url: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query; days as days on either database, for SQLite keeps them as text."""
    return [tuple(_day(value) for value in row) for row in run(url, query)]


def _day(value: Any) -> Any:
    is_day = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)
    return date.fromisoformat(value) if is_day else value


def standings(url: str, as_of: date = DAY) -> dict[str, Standing]:
    """What the desk says of every case that is there on the day."""
    found = {}
    with SqlJournal(url) as journal:
        desk = Caseload(journal, clock=Ticking())
        for case_id in sorted(journal.cases()):
            try:
                found[case_id] = desk.show(case_id, as_of=as_of)
            except CaseNotFound:
                continue
    return found


def year_of(day: date | None) -> str | None:
    """The fiscal year of a day as it is called."""
    return None if day is None else format_fiscal_year(fiscal_year(day))


# They are there -----------------------------------------------------------------------------------------------------


def test_tables_and_views_come_and_go_together(url: str) -> None:
    """``create_all`` makes the views, again does nothing, ``drop_all`` takes them away before the tables."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    for _ in range(2):
        metadata.create_all(engine)
    assert {*VIEWS} == {*sa.inspect(engine).get_view_names()}
    assert [[]] * len(VIEWS) == [run(url, f"SELECT * FROM {name}") for name in VIEWS]
    metadata.drop_all(engine)
    assert [] == sa.inspect(engine).get_view_names()


def test_a_part_of_the_tables(url: str) -> None:
    """Whoever makes only some of the tables gets no view that would ask for the others; the rest brings them."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    metadata.create_all(engine, tables=[event_table, schema_table])
    assert [] == sa.inspect(engine).get_view_names()
    metadata.create_all(engine)
    assert {*VIEWS} == {*sa.inspect(engine).get_view_names()}


def test_views_for_a_migration_of_the_host(url: str) -> None:
    """The DDL of the views can be run by a host's own migration, more than once."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    metadata.create_all(engine)
    run(url, *(f"DROP VIEW {name}" for name in VIEWS))
    run(url, *statements(engine.dialect.name), *statements(engine.dialect.name))
    with engine.begin() as connection:
        put_on(connection)
    assert {*VIEWS} == {*sa.inspect(engine).get_view_names()}


def test_every_column_has_a_japanese_name(url: str) -> None:
    """Names of views and of all their columns: Japanese, alike on both databases, and short enough for PostgreSQL."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    metadata.create_all(engine)
    with engine.connect() as connection:
        names = [[*connection.execute(sa.text(f"SELECT * FROM {view}")).keys()] for view in VIEWS]
    for name in (*VIEWS, *chain.from_iterable(names)):
        assert JAPANESE.fullmatch(name)
        assert len(name.encode()) < 64
    assert [18, 8, 12, 14, 4] == [len(each) for each in names]


def test_derived_tables_are_marked_and_free(filled: str) -> None:
    """The derived tables say that they are, and may be changed and emptied; the events beside them may not."""
    assert all("derived" in (table.comment or "") and table.info == {"derived": True} for table in READ_MODEL)
    if filled.startswith("postgresql"):
        comment = "SELECT obj_description(CAST('shuroflow_case' AS regclass))"
        assert "may be dropped" in run(filled, comment)[0][0]
    for table in READ_MODEL:
        run(filled, f"DELETE FROM {table.name}")
    with pytest.raises(Exception, match="append-only"):
        run(filled, "DELETE FROM shuroflow_event")
    with SqlJournal(filled) as journal:
        refresh(journal, as_of=DAY)
    assert len(standings(filled)) == len(run(filled, "SELECT * FROM 支援ケース一覧"))


# What they say ------------------------------------------------------------------------------------------------------


def test_list_of_cases(filled: str) -> None:
    """支援ケース一覧: one row for each case that is there on the day, exactly as the desk shows it."""
    expected = []
    for case_id, standing in standings(filled).items():
        case, period, closing = standing.case, standing.period, standing.case.closing_on(DAY)
        kind = programme(case.programme)
        closed_on = closing.on if closing else None
        with SqlJournal(filled) as journal:
            count = journal.version(case_id)
        expected.append(
            (
                case_id,
                kind.title_ja,
                kind.code,
                standing.state.label("ja"),
                standing.state.value,
                case.opened_on,
                year_of(case.opened_on),
                period.start if period else None,
                period.end if period else None,
                max(len(case.periods) - 1, 0),
                closed_on,
                year_of(closed_on),
                kind.current.clauses[closing.clause].citation if closing else None,
                case.prior_case_id,
                sum(due.code != "period_end" and not due.to_come for due in standing.duties),
                sum(due.overdue for due in standing.duties),
                count,
                DAY,
            )
        )
    assert expected == sorted(asked(filled, "SELECT * FROM 支援ケース一覧"))
    assert len(expected) > 15


def test_list_of_ends_of_period(filled: str) -> None:
    """期間満了一覧: the cases under way that have an end in sight, and those whose end has passed unnoticed."""
    expected = []
    for case_id, standing in standings(filled).items():
        period = standing.period
        if standing.state in UNDER_WAY and period is not None:
            left = (period.end - DAY).days
            passed = "期間経過" if left < 0 else "期間内"
            title = programme(standing.case.programme).title_ja
            expected.append((case_id, title, standing.state.label(), period.start, period.end, left, passed, DAY))
    assert expected == sorted(asked(filled, "SELECT * FROM 期間満了一覧"))
    assert {"期間経過", "期間内"} == {row[6] for row in expected}


def test_list_of_duties(filled: str) -> None:
    """未了事項一覧: what the desk lists as due, with its days and clauses; what is to come is not counted."""
    ways = set()
    for as_of in (DAY, DAY - timedelta(days=1), date(2025, 6, 25)):
        held = standings(filled, as_of)
        expected: list[tuple[Any, ...]] = []
        with SqlJournal(filled) as journal:
            refresh(journal, as_of=as_of)
            for due in Caseload(journal, clock=Ticking()).due(on=as_of):
                limit = due.in_time_until
                way = "期限経過" if due.overdue else "判定なし" if limit is None else "期限内"
                way = "発生前" if due.to_come else way
                late = (as_of - limit).days if due.overdue and limit is not None else None
                title, state = programme(due.programme).title_ja, held[due.case_id].state.label()
                what = (due.name_ja, due.code, due.clause, due.arose_on, due.due, limit, way, late)
                expected.append((due.case_id, title, state, *what, as_of))
                ways.add(way)
        assert sorted(expected, key=repr) == sorted(asked(filled, "SELECT * FROM 未了事項一覧"), key=repr)
        owed = Counter(row[0] for row in expected if row[4] != "period_end" and row[-3] != "発生前")
        assert owed == Counter(dict(asked(filled, "SELECT ケース番号, 未了事項数 FROM 支援ケース一覧")))
    assert {"期限経過", "判定なし", "期限内", "発生前"} == ways


def test_list_of_records(filled: str) -> None:
    """記録一覧: one row for each event, in the order recorded, with its names, its days and who wrote it down."""
    expected = []
    with SqlJournal(filled) as journal:
        for record in journal.feed():
            event = record.event
            kind = programme(event.programme)
            name, year = kind.current.event_label(event.kind).ja, year_of(event.occurred_on)
            moment, wait = event.recorded_at.isoformat(), (event.recorded_at.date() - event.occurred_on).days
            by, role = event.recorded_by.id, event.recorded_by.role.label()
            amended = event.data.seq if event.kind in {"corrected", "withdrawn"} else None
            where = (record.position, event.case_id, event.seq, kind.title_ja)
            expected.append(
                (*where, name, event.kind, event.occurred_on, year, moment, wait, by, role, amended, event.note)
            )
    assert expected == asked(filled, "SELECT * FROM 記録一覧 ORDER BY 記録番号")


def test_remarks_and_names_of_every_kind(url: str) -> None:
    """A remark with a NUL, a backslash, a character beyond the basic plane; corrections name what they correct."""
    first = next(event for event in all_events() if event.case_id == "S01")
    right = Corrected(seq=1, reason="r", approved_by=SV, occurred_on=first.occurred_on)
    gone = Withdrawn(seq=2, reason="r", approved_by=SV)
    events = [
        attrs.evolve(first, case_id="神 𠮷野", note="a\x00b"),
        attrs.evolve(first, case_id="神 𠮷野", seq=2, kind="corrected", data=right, note="c:\\n\\ 𠮷", recorded_by=ES),
        attrs.evolve(first, case_id="神 𠮷野", seq=3, kind="withdrawn", data=gone, note='"},{'),
    ]
    with SqlJournal(url, create=True) as journal:
        journal.append("神 𠮷野", events, expected=0)
        refresh(journal, as_of=DAY)
    columns = "ケース番号, 出来事, 役割, 訂正される番号, 備考"
    label = programme("saitama").current.event_label
    assert [
        ("神 𠮷野", label("listed").ja, Role.CASEWORKER.label(), None, "a\ufffdb"),
        ("神 𠮷野", label("corrected").ja, Role.SPECIALIST.label(), 1, "c:\\n\\ 𠮷"),
        ("神 𠮷野", label("withdrawn").ja, Role.CASEWORKER.label(), 2, '"},{'),
    ] == run(url, f"SELECT {columns} FROM 記録一覧 ORDER BY 記録番号")


def test_how_far_it_is(filled: str) -> None:
    """反映状況: as of which day, up to which record, by which rules, and how many records came since."""
    size = len(all_events())
    ((day, position, waiting, rules),) = asked(filled, "SELECT * FROM 反映状況")
    assert (DAY, size, 0) == (day, position, waiting)
    assert all(word in rules for word in ("shuroflow ", "saitama 2021-04-01", "tsushima 2021-06-28", "office "))
    event = all_events()[0]
    with SqlJournal(filled) as journal:
        journal.append("new", [attrs.evolve(event, case_id="new")], expected=0)
    assert [(DAY, size, 1)] == asked(filled, "SELECT 基準日, 反映済みの記録番号, 未反映の件数 FROM 反映状況")


def test_fiscal_years(url: str) -> None:
    """A fiscal year begins on 1 April and is called by its era, 元年 for the first; one without a name stays empty."""
    days = {
        "2019-03-31": "平成30年度",
        "2019-04-01": "令和元年度",
        "2024-02-29": "令和5年度",
        "2024-05-31": "令和6年度",
        "2025-12-31": "令和7年度",
        "2026-01-01": "令和7年度",
        "2026-03-31": "令和7年度",
        "2026-04-01": "令和8年度",
        "1900-01-01": None,
    }
    with SqlJournal(url, create=True) as journal:
        refresh(journal, as_of=DAY)
        for text in days:
            day = date.fromisoformat(text)
            row = CaseRow(case_id=text, programme="saitama", version=1, as_of=DAY, state="ended", opened_on=day)
            read_model(journal).put(attrs.evolve(row, closed_on=day))
    found = run(url, "SELECT ケース番号, 登録年度, 終了年度 FROM 支援ケース一覧")
    assert {(text, name, name) for text, name in days.items()} == set(found)


def test_every_code_has_its_word(filled: str) -> None:
    """States, roles, programmes, events: both languages, from the code's own labels; without them, the codes stand."""
    held = {
        (kind, code): (ja, en) for kind, code, ja, en in run(filled, "SELECT kind, code, ja, en FROM shuroflow_label")
    }
    for term in (*State, *Role):
        kind = "state" if isinstance(term, State) else "role"
        assert (term.label("ja"), term.label("en")) == held[kind, term.value]
    for code in ("saitama", "tsushima"):
        assert (programme(code).title_ja, programme(code).title_en) == held["programme", code]
        for name in kinds_of(code):
            label = programme(code).current.event_label(name)
            assert (label.ja, label.en) == held["event", f"{code}.{name}"]
    run(filled, "DELETE FROM shuroflow_label")
    assert ("saitama", "listed", None) in run(filled, "SELECT 要綱, 出来事, 発生年度 FROM 記録一覧")
    assert ("tsushima", "ended") in run(filled, "SELECT 要綱, 状態 FROM 支援ケース一覧")


# Rows of one case ---------------------------------------------------------------------------------------------------


def test_putting_rows(url: str) -> None:
    """Rows of a case take the place of older ones with their duties; what holds fewer events than is there does not."""
    duty = DutyRow(
        code="plan",
        clause="第8条第1項",
        name_ja="計画書",
        name_en="plan",
        arose_on=DAY,
        due=None,
        in_time_until=None,
        overdue=False,
    )
    row = CaseRow(case_id="C-1", programme="tsushima", version=3, as_of=DAY, state="in_support", duties=(duty, duty))
    with SqlJournal(url, create=True) as journal:
        model = read_model(journal)
        assert model.put(row)
        assert not model.put(attrs.evolve(row, version=2, state="selected", duties=()))
        assert [("in_support", 2)] == run(url, "SELECT 状態コード, 未了事項数 FROM 支援ケース一覧")
        assert model.put(attrs.evolve(row, duties=(duty,), as_of=DAY + timedelta(days=1)))
        assert model.put(attrs.evolve(row, case_id="C-2", version=1))
        assert ["C-1"] == model.stale(DAY)
        assert ["C-2"] == model.stale(DAY + timedelta(days=1))
        assert model.put(attrs.evolve(row, case_id="C-2", version=1, settled=True))
        assert [] == model.stale(DAY + timedelta(days=1))
    assert [("C-1", 1), ("C-2", 1), ("C-2", 2)] == sorted(run(url, "SELECT case_id, number FROM shuroflow_duty"))


def test_least_privileges(postgres_url: str) -> None:
    """A role with no more rights than the documentation names refreshes; one that may only see the views reads them."""
    tables = "shuroflow_case, shuroflow_duty, shuroflow_label, shuroflow_progress"
    with SqlJournal(postgres_url, create=True) as journal:
        for event in all_events()[:13]:
            journal.append(event.case_id, [event], expected=event.seq - 1)
    (schema,) = run(postgres_url, "SELECT current_schema()")[0]
    clerk, auditor = f"{schema}_clerk", f"{schema}_auditor"
    run(
        postgres_url,
        f"CREATE ROLE {clerk}",
        f"CREATE ROLE {auditor}",
        f"GRANT USAGE ON SCHEMA {schema} TO {clerk}, {auditor}",
        f"GRANT SELECT ON shuroflow_event, shuroflow_schema TO {clerk}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {clerk}",
        f"GRANT SELECT ON {', '.join(VIEWS)} TO {auditor}",
    )
    try:
        with SqlJournal(f"{postgres_url}%20-crole%3D{clerk}") as journal:
            assert 1 == refresh(journal, as_of=DAY).cases
        as_auditor = f"{postgres_url}%20-crole%3D{auditor}"
        assert [("S01", "終了")] == run(as_auditor, "SELECT ケース番号, 状態 FROM 支援ケース一覧")
        assert [(13,)] == run(as_auditor, "SELECT count(*) FROM 記録一覧")
        for query in ("SELECT * FROM shuroflow_event", "DELETE FROM shuroflow_case"):
            with pytest.raises(Exception, match="permission denied"):
                run(as_auditor, query)
    finally:
        run(postgres_url, f"DROP OWNED BY {clerk}, {auditor}", f"DROP ROLE {clerk}, {auditor}")


def test_no_key_ties_the_derived_tables_down() -> None:
    """Nothing refers to a derived table and none refers to another: each may be dropped by itself."""
    assert all(not table.foreign_keys for table in metadata.tables.values() if table in READ_MODEL)
    referred = {key.column.table for table in metadata.tables.values() for key in table.foreign_keys}
    assert set() == referred & {case_table, duty_table}
