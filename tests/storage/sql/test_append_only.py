"""The database itself keeps what was recorded: no UPDATE, no DELETE, and nothing in their guise."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
import sqlalchemy as sa

from shuroflow.storage.sql import SqlJournal, install, metadata
from shuroflow.verification import as_recorded, examples
from tests.storage.sql.databases import run

COLUMNS = "position, case_id, seq, programme, kind, occurred_on, recorded_at, body"
OTHER = f"SELECT {COLUMNS.replace('programme', chr(39) + 'x' + chr(39))} FROM shuroflow_event WHERE position = 1"


def refused(url: str, statement: str, *before: str) -> str:
    """What the database says to a statement that it refuses; the rows are as they were."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 2), expected=0)
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RestrictViolation)) as caught:
            run(url, *before, statement)
        assert as_recorded(examples("one", 2)) == journal.read("one")
        assert 2 == len(list(journal.feed()))
    return str(caught.value)


@pytest.mark.parametrize("table", ["shuroflow_event", "shuroflow_schema"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_rows_stay(url: str, table: str, verb: str) -> None:
    """UPDATE and DELETE are refused, and the table and the verb are named."""
    column = {"shuroflow_event": "kind", "shuroflow_schema": "version"}[table]
    statement = f"UPDATE {table} SET {column} = {column}" if verb == "UPDATE" else f"DELETE FROM {table}"

    assert f"{table} is append-only: {verb} is refused" in refused(url, statement)


@pytest.mark.parametrize("conflict", ["position", "case_id, seq"])
def test_an_upsert_is_refused(url: str, conflict: str) -> None:
    """INSERT … ON CONFLICT DO UPDATE is an update."""
    insert = f"INSERT INTO shuroflow_event ({COLUMNS}) {OTHER}"
    statement = f"{insert} ON CONFLICT ({conflict}) DO UPDATE SET programme = 'x'"

    assert "append-only" in refused(url, statement)


@pytest.mark.parametrize(
    "numbers", ["1, 'new', 1", "3, 'one', 1", "1, 'one', 1"], ids=["position", "case and seq", "both"]
)
def test_replace_is_refused(tmp_path_factory: pytest.TempPathFactory, numbers: str) -> None:
    """SQLite: REPLACE deletes without asking the triggers on DELETE, and is refused all the same."""
    url = f"sqlite:///{tmp_path_factory.mktemp('db') / 'cases.db'}"
    rest = "programme, kind, occurred_on, recorded_at, body"
    statement = f"REPLACE INTO shuroflow_event ({COLUMNS}) SELECT {numbers}, {rest} FROM shuroflow_event WHERE seq = 1"

    assert "REPLACE is refused" in refused(url, statement)


@pytest.mark.parametrize("table", ["shuroflow_event", "shuroflow_schema", "shuroflow_event, shuroflow_schema CASCADE"])
def test_truncate_is_refused(postgres_url: str, table: str) -> None:
    """PostgreSQL: TRUNCATE is refused like a DELETE."""
    assert "append-only: TRUNCATE is refused" in refused(postgres_url, f"TRUNCATE {table}")


def test_a_session_that_replicates_is_refused(postgres_url: str) -> None:
    """PostgreSQL: ordinary triggers are silent where changes are replicated; these are not."""
    before = "SET session_replication_role = replica"

    assert "DELETE is refused" in refused(postgres_url, "DELETE FROM shuroflow_event", before)


@pytest.mark.parametrize("table", ["shuroflow_event", "shuroflow_schema"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_changes_row_by_row_are_refused(postgres_url: str, table: str, verb: str) -> None:
    """PostgreSQL: what is applied row by row, as by logical replication, meets triggers on rows, which always fire."""
    column = {"shuroflow_event": "kind", "shuroflow_schema": "version"}[table]
    statement = f"UPDATE {table} SET {column} = {column}" if verb == "UPDATE" else f"DELETE FROM {table}"
    before = (
        "SET session_replication_role = replica",
        f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only",  # which is not asked there
    )

    assert f"{table} is append-only: {verb} is refused" in refused(postgres_url, statement, *before)
    assert [("A",)] == run(
        postgres_url, f"SELECT tgenabled::text FROM pg_trigger WHERE tgname = '{table}_append_only_row'"
    )


@pytest.mark.parametrize("numbers", ["0, 'one', 3", "-1, 'one', 3", "3, 'one', 0", "3, 'one', -1"])
def test_numbers_below_1_are_refused(url: str, numbers: str) -> None:
    """A row that a feed would pass over cannot be put in by plain SQL."""
    rest = "programme, kind, occurred_on, recorded_at, body"
    statement = f"INSERT INTO shuroflow_event ({COLUMNS}) SELECT {numbers}, {rest} FROM shuroflow_event WHERE seq = 1"

    assert "numbers its rows from 1: INSERT is refused" in refused(url, statement)


@pytest.mark.parametrize("values", ["3, 'one', 'x', body", "3, 'one', 3, CAST(body AS BLOB)", "3, x'31', 3, body"])
def test_other_types_are_refused(tmp_path_factory: pytest.TempPathFactory, values: str) -> None:
    """SQLite, which takes any type in any column, takes none but those of a journal."""
    url = f"sqlite:///{tmp_path_factory.mktemp('db') / 'cases.db'}"
    columns = "position, case_id, seq, body, programme, kind, occurred_on, recorded_at"
    rest = "programme, kind, occurred_on, recorded_at"
    statement = f"INSERT INTO shuroflow_event ({columns}) SELECT {values}, {rest} FROM shuroflow_event WHERE seq = 1"

    assert "INSERT is refused" in refused(url, statement)


@pytest.mark.parametrize("version", [99, 3, 0])
def test_a_version_that_no_release_gave_is_refused(url: str, version: int) -> None:
    """A slip in the table of versions cannot stop the office."""
    assert "INSERT is refused" in refused(url, f"INSERT INTO shuroflow_schema VALUES ({version})")


def test_merge_is_refused(postgres_url: str) -> None:
    """PostgreSQL: MERGE is an update, too."""
    statement = (
        "MERGE INTO shuroflow_event AS e USING (SELECT 1 AS position) AS n ON e.position = n.position "
        "WHEN MATCHED THEN DELETE"
    )

    assert "append-only" in refused(postgres_url, statement)


def test_triggers_come_with_the_tables(url: str) -> None:
    """Who makes the tables from the metadata gets the triggers and the version, as with `install`."""
    engine = sa.create_engine(url)
    metadata.create_all(engine)
    install(engine)
    engine.dispose()

    assert "UPDATE is refused" in refused(url, "UPDATE shuroflow_event SET seq = seq")


def test_triggers_are_put_on_tables_without_them(url: str) -> None:
    """Tables that another tool made, without triggers and version, are completed by `install`; twice does no harm."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(sa.schema.CreateTable(table))
    install(engine)
    install(engine)
    engine.dispose()

    assert "DELETE is refused" in refused(url, "DELETE FROM shuroflow_event")
