"""Views for auditors: the journal and the read model under Japanese names, alike on SQLite and on PostgreSQL.

They hold no wording of their own for codes: what a state, an event or a 要綱 is called comes from the table of labels,
which :func:`shuroflow.projection.refresh` fills; where it is empty, the code stands. The views come with
``metadata.create_all`` and go with ``drop_all``; :func:`put_on` makes them on tables that are there without them.
"""

from __future__ import annotations

from typing import Any

import attrs
import sqlalchemy as sa

from shuroflow.storage.sql.readmodel import READ_MODEL
from shuroflow.storage.sql.tables import event_table, metadata
from shuroflow.vocabulary import UNDER_WAY


@attrs.frozen
class _Dialect:
    """What the two databases say differently."""

    create: str
    _days: str
    _year: str
    recorded_on: str
    _json: str

    def days(self, last: str, first: str) -> str:
        """Days from one day to another."""
        return self._days.format(last, first)

    def year_label(self, day: str) -> str:
        """The fiscal year of a day, which begins on 1 April, as it is called."""
        year = self._year.format(day)
        return f"(SELECT y.ja FROM shuroflow_label y WHERE y.kind = 'fiscal_year' AND y.code = {year})"

    def json(self, *path: str) -> str:
        """A value of an event as text."""
        return self._json.format(".".join(path), ",".join(path))


# A NUL, which a remark may hold, is the one character that PostgreSQL has no text for, and that cuts a text in SQLite.
_BODY = r"replace(e.body, '\u0000', '\ufffd')"

_DIALECTS = {
    "sqlite": _Dialect(
        create="CREATE VIEW IF NOT EXISTS",
        days="CAST(julianday({0}) - julianday({1}) AS INTEGER)",
        year="CAST(CAST(substr({0}, 1, 4) AS INTEGER) - (substr({0}, 6, 2) < '04') AS TEXT)",
        recorded_on="date(substr(e.recorded_at, 1, 10))",
        json=f"json_extract({_BODY}, '$.{{0}}')",
    ),
    "postgresql": _Dialect(
        create="CREATE OR REPLACE VIEW",
        days="({0} - {1})",
        year="CAST(CAST(extract(year FROM {0} - interval '3 months') AS integer) AS text)",
        recorded_on="CAST(substr(e.recorded_at, 1, 10) AS date)",
        json=f"(CAST({_BODY} AS json) #>> '{{{{{{1}}}}}}')",
    ),
}

_UNDER_WAY = ", ".join(f"'{state}'" for state in sorted(UNDER_WAY))


def _label(kind: str, code: str) -> str:
    """What a code is called; the code itself where there is no word."""
    return f"coalesce((SELECT l.ja FROM shuroflow_label l WHERE l.kind = '{kind}' AND l.code = {code}), {code})"


def _queries(said: _Dialect) -> dict[str, str]:
    """The query behind each view."""
    return {
        "支援ケース一覧": f"""
            SELECT
                c.case_id AS ケース番号,
                {_label("programme", "c.programme")} AS 要綱,
                c.programme AS 要綱コード,
                {_label("state", "c.state")} AS 状態,
                c.state AS 状態コード,
                c.opened_on AS 登録日,
                {said.year_label("c.opened_on")} AS 登録年度,
                c.period_start AS 期間開始日,
                c.period_end AS 期間満了日,
                c.extensions AS 延長回数,
                c.closed_on AS 終了日,
                {said.year_label("c.closed_on")} AS 終了年度,
                c.closing_clause AS 終了の条項,
                c.prior_case_id AS 以前のケース番号,
                (SELECT count(*) FROM shuroflow_duty d
                 WHERE d.case_id = c.case_id AND d.code <> 'period_end' AND d.arose_on <= c.as_of) AS 未了事項数,
                (SELECT count(*) FROM shuroflow_duty d
                 WHERE d.case_id = c.case_id AND d.overdue) AS 期限経過数,
                c.version AS 記録件数,
                c.as_of AS 基準日
            FROM shuroflow_case c
            WHERE c.state IS NOT NULL""",
        "期間満了一覧": f"""
            SELECT
                c.case_id AS ケース番号,
                {_label("programme", "c.programme")} AS 要綱,
                {_label("state", "c.state")} AS 状態,
                c.period_start AS 期間開始日,
                c.period_end AS 期間満了日,
                {said.days("c.period_end", "c.as_of")} AS 残日数,
                CASE WHEN c.period_end < c.as_of THEN '期間経過' ELSE '期間内' END AS 期間の状況,
                c.as_of AS 基準日
            FROM shuroflow_case c
            WHERE c.period_end IS NOT NULL AND c.state IN ({_UNDER_WAY})""",
        "未了事項一覧": f"""
            SELECT
                d.case_id AS ケース番号,
                {_label("programme", "c.programme")} AS 要綱,
                {_label("state", "c.state")} AS 状態,
                d.name_ja AS 事項,
                d.code AS 事項コード,
                d.clause AS 条項,
                d.arose_on AS 発生日,
                d.due AS 期日,
                d.in_time_until AS 繰下げ後の期日,
                CASE
                    WHEN d.arose_on > c.as_of THEN '発生前'
                    WHEN d.overdue THEN '期限経過'
                    WHEN d.in_time_until IS NULL THEN '判定なし'
                    ELSE '期限内'
                END AS 期限の状況,
                CASE WHEN d.overdue THEN {said.days("c.as_of", "d.in_time_until")} END AS 超過日数,
                c.as_of AS 基準日
            FROM shuroflow_duty d
            JOIN shuroflow_case c ON c.case_id = d.case_id""",
        "記録一覧": f"""
            SELECT
                e.position AS 記録番号,
                e.case_id AS ケース番号,
                e.seq AS 番号,
                {_label("programme", "e.programme")} AS 要綱,
                coalesce(
                    (SELECT l.ja FROM shuroflow_label l
                     WHERE l.kind = 'event' AND l.code = e.programme || '.' || e.kind),
                    e.kind
                ) AS 出来事,
                e.kind AS 出来事コード,
                e.occurred_on AS 発生日,
                {said.year_label("e.occurred_on")} AS 発生年度,
                e.recorded_at AS 記録日時,
                {said.days(said.recorded_on, "e.occurred_on")} AS 記録までの日数,
                {said.json("recorded_by", "id")} AS 記録者,
                {_label("role", said.json("recorded_by", "role"))} AS 役割,
                CASE WHEN e.kind IN ('corrected', 'withdrawn')
                    THEN CAST({said.json("data", "seq")} AS integer) END AS 訂正される番号,
                {said.json("note")} AS 備考
            FROM shuroflow_event e""",
        "反映状況": """
            SELECT
                p.as_of AS 基準日,
                p.position AS 反映済みの記録番号,
                (SELECT coalesce(max(e.position), 0) FROM shuroflow_event e) - p.position AS 未反映の件数,
                p.folded_by AS 判定の版
            FROM shuroflow_progress p
            WHERE p.as_of IS NOT NULL""",
    }


VIEWS = tuple(_queries(_DIALECTS["sqlite"]))
"""The names of the views."""


def statements(dialect: str) -> list[str]:
    """The DDL that makes the views on a dialect, for hosts that write their migrations themselves."""
    said = _DIALECTS[dialect]
    return [f"{said.create} {name} AS{query}" for name, query in _queries(said).items()]


def put_on(connection: sa.Connection) -> None:
    """Make the views where they are missing; the tables must be there."""
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _after_create(target: sa.MetaData, connection: sa.Connection, **made: Any) -> None:
    # Someone may make a part of the tables only: the views wait until all of theirs are there.
    if connection.dialect.name in _DIALECTS and made.get("tables"):
        there = set(sa.inspect(connection).get_table_names())
        if there.issuperset(table.name for table in (event_table, *READ_MODEL)):
            put_on(connection)


def _before_drop(target: sa.MetaData, connection: sa.Connection, **dropped: Any) -> None:
    if connection.dialect.name in _DIALECTS and {event_table, *READ_MODEL} & set(dropped.get("tables", ())):
        for name in VIEWS:
            connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


sa.event.listen(metadata, "after_create", _after_create)
sa.event.listen(metadata, "before_drop", _before_drop)

__all__ = ["VIEWS", "put_on", "statements"]
