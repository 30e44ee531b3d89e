"""Papers in a database: the promises of the port, the host's transaction, and what the database itself refuses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, StaticPool

from shuroflow.errors import Damaged, InputError, Retained, Unavailable
from shuroflow.storage.annexes import Annex, Disposed, Ledger, open_annexes
from shuroflow.storage.sql import SqlJournal
from shuroflow.storage.sql.annexes import SqlAnnexes, annex_log_table, annex_table
from shuroflow.verification.journals.events import examples
from tests import postgres
from tests.storage.annex_cases import (
    CLERK,
    DAY,
    DIRECTOR,
    PAPER,
    AnnexCases,
    DurableAnnexCases,
    LocalAnnexCases,
    Opener,
    machine,
)


def url(folder: Path) -> str:
    """The URL of the database of a folder."""
    return f"sqlite:///{folder / 'cases.db'}"


def open_sqlite(folder: Path) -> SqlAnnexes:
    """The store of the folder."""
    return SqlAnnexes(url(folder), create=True)


class TestSqlite(LocalAnnexCases):
    """All promises, in a file."""

    @pytest.fixture
    def opener(self, tmp_path: Path) -> Opener:
        """Opens the store of the folder of the test."""
        return partial(open_sqlite, tmp_path)


class TestSqliteWithoutLog(LocalAnnexCases):
    """The same in a file without write-ahead log, on an engine of the host."""

    @pytest.fixture
    def opener(self, tmp_path: Path) -> Opener:
        """Opens the store of the folder of the test."""
        engine = sa.create_engine(url(tmp_path), poolclass=NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = TRUNCATE")
            connection.exec_driver_sql("CREATE TABLE host (id INTEGER)")
        return partial(SqlAnnexes, engine, create=True)


class TestInMemory(AnnexCases):
    """The promises that need no disk, in a database in memory."""

    @pytest.fixture
    def opener(self) -> Opener:
        """Opens a store in memory."""
        return partial(SqlAnnexes, "sqlite://", create=True)


class TestOnAConnection(AnnexCases):
    """The promises hold within a transaction of the host."""

    @pytest.fixture
    def opener(self, tmp_path: Path) -> Iterator[Opener]:
        """Opens a store on a connection that is open."""
        with sa.create_engine(url(tmp_path), poolclass=NullPool).connect() as connection:
            yield partial(SqlAnnexes, connection, create=True)


class TestPostgresql(DurableAnnexCases):
    """All promises, in PostgreSQL."""

    @pytest.fixture
    def opener(self, postgres_url: str) -> Opener:
        """Opens the store in the schema of the test."""
        return partial(SqlAnnexes, postgres_url, create=True)


class TestOnAConnectionToPostgresql(AnnexCases):
    """The promises hold within a transaction of the host."""

    @pytest.fixture
    def opener(self, postgres_url: str) -> Iterator[Opener]:
        """Opens a store on a connection that is open."""
        with sa.create_engine(postgres_url, poolclass=NullPool).connect() as connection:
            yield partial(SqlAnnexes, connection, create=True)


TestSqliteMachine = machine(open_sqlite, durable=True, rounds=12).TestCase


def test_random_use_of_postgresql(postgres_url: str) -> None:
    """Random use in PostgreSQL, each round in a schema of its own, held to the same model."""
    with ExitStack() as stack:
        urls: dict[Path, str] = {}

        def opener(folder: Path) -> SqlAnnexes:
            if folder not in urls:
                urls[folder] = stack.enter_context(postgres.schema(postgres_url))
            return SqlAnnexes(urls[folder], create=True)

        run_state_machine_as_test(
            machine(opener, durable=True, rounds=6), settings=settings(max_examples=6, stateful_step_count=20)
        )


# The host's transaction -----------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with the tables of a journal."""
    found: str = url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    SqlJournal(found, create=True).close()
    return found


@pytest.fixture
def engine(source: str) -> Iterator[sa.Engine]:
    """An engine of the host, and a table of its own."""
    made = sa.create_engine(source, poolclass=NullPool)
    with made.begin() as connection:
        connection.execute(sa.text("CREATE TABLE host (commitment TEXT)"))
    yield made
    made.dispose()


def _there(engine: sa.Engine) -> tuple[int, int, int, int]:
    """Rows of the papers, the log, the events and the host's table."""
    with engine.connect() as connection:
        tables = ("shuroflow_annex", "shuroflow_annex_log", "shuroflow_event", "host")
        counts = [connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables]
    return counts[0], counts[1], counts[2], counts[3]


@pytest.mark.parametrize("commit", [True, False])
@pytest.mark.parametrize("session", [True, False])
def test_paper_event_and_host_stand_or_fall_together(engine: sa.Engine, commit: bool, session: bool) -> None:
    """On a connection or session of the host, paper, event and the host's row are committed as one, or none is."""
    with Session(engine) if session else engine.connect() as host:
        with SqlAnnexes(host) as annexes, SqlJournal(host) as journal:
            commitment = annexes.put("A-1", PAPER, media_type="text/plain")
            event = attrs.evolve(examples("A-1", 1)[0], commitment=commitment)
            journal.append("A-1", [event], expected=0)
            host.execute(sa.text("INSERT INTO host VALUES (:commitment)"), {"commitment": commitment})
            annexes.hold("A-2", on=DAY, by=DIRECTOR, reason="審査請求")
            assert (0, 0, 0, 0) == _there(engine)
        if commit:
            host.commit()
        else:
            host.rollback()

    assert _there(engine) == ((1, 1, 1, 1) if commit else (0, 0, 0, 0))


def test_a_disposal_that_is_rolled_back(engine: sa.Engine) -> None:
    """What the host takes back has not happened: the paper is there, and no record of a disposal."""
    with SqlAnnexes(engine) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        with engine.connect() as host, SqlAnnexes(host) as inside:
            inside.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
            assert isinstance(inside.get(commitment), Disposed)
            host.rollback()
        assert isinstance(annexes.get(commitment), Annex)
        assert [] == annexes.log()


def test_a_refusal_leaves_the_transaction_of_the_host(engine: sa.Engine) -> None:
    """After a refused disposal the host goes on: its own rows of before and after are committed."""
    with engine.connect() as host, SqlAnnexes(host) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        host.execute(sa.text("INSERT INTO host VALUES ('before')"))
        with pytest.raises(Retained):
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
        host.execute(sa.text("INSERT INTO host VALUES ('after')"))
        host.commit()

    assert (1, 1, 0, 2) == _there(engine)


def test_a_hold_that_comes_in_between(postgres_url: str) -> None:
    """While a hold waits for its commit, a disposal waits for it; after the commit it is refused."""
    with SqlAnnexes(postgres_url, create=True) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        engine = sa.create_engine(postgres_url, poolclass=NullPool)
        told: list[Exception] = []

        def dispose() -> None:
            try:
                annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
            except Retained as error:
                told.append(error)

        with engine.connect() as host, SqlAnnexes(host) as inside:
            held = inside.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
            thread = threading.Thread(target=dispose)
            thread.start()
            with postgres.connect(postgres_url) as watching:
                waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                while thread.is_alive() and not watching.execute(waiting).fetchone()[0]:  # type: ignore[index]
                    pass
            host.commit()
            thread.join()

        assert [(held,)] == [error.holds for error in told if isinstance(error, Retained)]
        assert isinstance(annexes.get(commitment), Annex)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_hold_that_a_snapshot_does_not_show(postgres_url: str, isolation: str) -> None:
    """A host whose transaction began to read before the hold cannot dispose either: its number is taken."""
    with SqlAnnexes(postgres_url, create=True) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        engine = sa.create_engine(postgres_url, poolclass=NullPool, isolation_level=isolation)
        with engine.connect() as host, SqlAnnexes(host) as inside:
            assert [] == inside.log()
            annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
            with pytest.raises(Unavailable, match="try again"):
                inside.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
            host.rollback()
        assert isinstance(annexes.get(commitment), Annex)


# What the database refuses --------------------------------------------------------------------------------------------

LATER = {"occurred_on": date(2032, 1, 1), "by_id": "x", "by_role": "clerk", "reason": "…"}

Statement = Callable[[str], Any]

REFUSED: dict[str, tuple[str, Statement]] = {
    "paper changed": ("never changed", lambda paper: annex_table.update().values(content=b"x")),
    "retention changed": ("never changed", lambda paper: annex_table.update().values(keep_until=None)),
    "paper deleted without a record": ("only when its disposal", lambda paper: annex_table.delete()),
    "entry changed": ("append-only", lambda paper: annex_log_table.update().values(reason="x")),
    "entry deleted": ("append-only", lambda paper: annex_log_table.delete()),
    "disposal under a hold": (
        "a hold is open",
        lambda paper: annex_log_table.insert().values(
            number=2, act="disposed", case_id="A-1", commitment=paper, **LATER
        ),
    ),
    "disposal under the name of another case": (
        "a hold is open",
        lambda paper: annex_log_table.insert().values(
            number=2, act="disposed", case_id="A-2", commitment=paper, **LATER
        ),
    ),
    "number taken": (
        r"(?i)append-only|unique constraint",
        lambda paper: annex_log_table.insert().values(number=1, act="held", case_id="A-2", **LATER),
    ),
    "no such act": (
        r"(?i)check constraint",
        lambda paper: annex_log_table.insert().values(number=2, act="burnt", case_id="A-2", **LATER),
    ),
    "release of nothing": (
        r"(?i)check constraint",
        lambda paper: annex_log_table.insert().values(number=2, act="released", case_id="A-1", **LATER),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(engine: sa.Engine, name: str) -> None:
    """Past this package, too: no paper or entry is changed, no paper goes without a record, none under a hold."""
    said, statement = REFUSED[name]
    with SqlAnnexes(engine) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        before = annexes.log()
        with engine.connect() as host:
            with pytest.raises(sa.exc.DBAPIError, match=said):
                host.execute(statement(commitment))
            host.rollback()
        assert before == annexes.log()
        assert isinstance(annexes.get(commitment), Annex)


@pytest.mark.parametrize("own", [True, False])
def test_the_database_knows_the_last_day(engine: sa.Engine, own: bool) -> None:
    """No disposal comes on record up to the last day, be it the paper's own or one that came with a release."""
    with SqlAnnexes(engine) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain", keep_until=DAY if own else None)
        if not own:
            annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
            annexes.release("A-1", on=DAY, by=DIRECTOR, reason="裁決", keep_until=DAY)
        row = {**LATER, "number": 3, "act": "disposed", "case_id": "A-1", "commitment": commitment}
        with engine.connect() as host:
            with pytest.raises(sa.exc.DBAPIError, match="retention"):
                host.execute(annex_log_table.insert().values({**row, "occurred_on": DAY}))
            host.rollback()
            host.execute(annex_log_table.insert().values(row))
            host.execute(annex_table.delete().where(annex_table.c.commitment == commitment))
            host.rollback()


def test_no_truncate(postgres_url: str) -> None:
    """PostgreSQL refuses TRUNCATE as well, in a session that replicates as in any other."""
    with SqlAnnexes(postgres_url, create=True) as annexes:
        annexes.put("A-1", PAPER, media_type="text/plain")
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
    with sa.create_engine(postgres_url, poolclass=NullPool).connect() as host:
        for role in ("origin", "replica"):
            for verb, table in (("TRUNCATE", ""), ("TRUNCATE", "_log"), ("DELETE FROM", "")):
                host.execute(sa.text(f"SET session_replication_role = '{role}'"))
                with pytest.raises(sa.exc.DBAPIError, match="refused"):
                    host.execute(sa.text(f"{verb} shuroflow_annex{table}"))
                host.rollback()


def test_the_guard_looks_in_its_own_schema(postgres_url: str) -> None:
    """A session whose search path leads elsewhere is held to the same rules, by the tables beside the table."""
    with SqlAnnexes(postgres_url, create=True) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        engine = sa.create_engine(postgres_url, poolclass=NullPool)
        with postgres.schema(postgres_url) as elsewhere, engine.connect() as host:
            SqlAnnexes(elsewhere, create=True).close()
            schema = host.execute(sa.text("SELECT current_schema()")).scalar_one()
            other = sa.make_url(elsewhere).query["options"].removeprefix("-csearch_path=")  # type: ignore[union-attr]
            host.execute(sa.text(f"SET search_path TO {other}"))
            row = {**LATER, "number": 2, "act": "disposed", "case_id": "A-1", "commitment": commitment}
            with pytest.raises(sa.exc.DBAPIError, match="a hold is open"):
                host.execute(
                    sa.text(f"INSERT INTO {schema}.shuroflow_annex_log ({', '.join(row)}) VALUES (:{', :'.join(row)})"),
                    row,
                )
            host.rollback()


@pytest.mark.parametrize("table", ["shuroflow_annex", "shuroflow_annex_log"])
def test_no_replace(tmp_path: Path, table: str) -> None:
    """SQLite's REPLACE deletes without asking the triggers on DELETE; it is refused as well."""
    with open_sqlite(tmp_path) as annexes:
        annexes.put("A-1", PAPER, media_type="text/plain")
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        refused = pytest.raises(sa.exc.DBAPIError, match=r"never changed|append-only")
        with sa.create_engine(url(tmp_path), poolclass=NullPool).connect() as host, refused:
            host.execute(sa.text(f"REPLACE INTO {table} SELECT * FROM {table}"))


# Damage ---------------------------------------------------------------------------------------------------------------

TRIGGERS = ("shuroflow_annex_no_update", "shuroflow_annex_log_no_delete", "shuroflow_annex_log_no_update")


def _tampered(folder: Path, statement: str) -> None:
    """Someone who may drop triggers has been there."""
    with sa.create_engine(url(folder), poolclass=NullPool).begin() as connection:
        for trigger in TRIGGERS:
            connection.execute(sa.text(f"DROP TRIGGER {trigger}"))
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    "change",
    [
        "content = x'00'",
        "content = 'text'",
        "content = content || x'00'",
        "salt = zeroblob(32)",
        "salt = x'00'",
        "media_type = 'text/html'",
        "media_type = 'html'",
        "case_id = 'A-2'",
        "case_id = ''",
        "keep_until = NULL",
        "keep_until = '2030-01-01'",
        "keep_until = 'yesterday'",
    ],
)
def test_a_changed_paper_is_found(tmp_path: Path, change: str) -> None:
    """Content, salt and every part of the label: what was changed past the triggers is found and not handed out."""
    with open_sqlite(tmp_path) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain", keep_until=DAY)
    _tampered(tmp_path, f"UPDATE shuroflow_annex SET {change}")
    with open_sqlite(tmp_path) as annexes:
        for use in (annexes.get, annexes.check):
            with pytest.raises(Damaged):
                use(commitment)
        with pytest.raises(Damaged):
            annexes.dispose(commitment, on=date.max, by=CLERK, reason="期間満了")
        assert [] == annexes.log()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM shuroflow_annex_log WHERE number = 1",
        "UPDATE shuroflow_annex_log SET case_id = 'A-2' WHERE number = 1",
        "UPDATE shuroflow_annex_log SET by_role = 'boss' WHERE number = 1",
        "UPDATE shuroflow_annex_log SET occurred_on = 'yesterday' WHERE number = 1",
        "UPDATE shuroflow_annex_log SET reason = '' WHERE number = 1",
    ],
)
def test_a_changed_log_is_found(tmp_path: Path, statement: str) -> None:
    """An entry that is missing in the middle, or says what cannot have been, is damage."""
    with open_sqlite(tmp_path) as annexes:
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        annexes.release("A-1", on=DAY, by=DIRECTOR, reason="裁決")
    _tampered(tmp_path, statement)
    with open_sqlite(tmp_path) as annexes, pytest.raises(Damaged):
        annexes.log()


def test_a_paper_put_back(tmp_path: Path) -> None:
    """A paper that is there again though its disposal is on record is told by check."""
    with open_sqlite(tmp_path) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        with sa.create_engine(url(tmp_path), poolclass=NullPool).connect() as host:
            row = dict(host.execute(sa.select(annex_table)).one()._mapping)
        annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
        with sa.create_engine(url(tmp_path), poolclass=NullPool).begin() as host:
            host.execute(annex_table.insert().values(row))
        with pytest.raises(Damaged, match="still there"):
            annexes.check(commitment)


# Opening --------------------------------------------------------------------------------------------------------------


def test_opened_with_its_journal(source: str) -> None:
    """The papers of a database lie in the tables beside the events, and are there for everybody."""
    with open_annexes(source) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
    with open_annexes(source) as annexes:
        assert isinstance(annexes.get(commitment), Annex)
        assert 1 == len(list(annexes.kept("A-1")))
        assert isinstance(Ledger(annexes.log()), Ledger)


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    """Without ``create`` nothing is made."""
    with pytest.raises(Unavailable, match="no such database"):
        open_annexes(url(tmp_path))
    assert [] == list(tmp_path.iterdir())
    with pytest.raises(InputError):
        open_annexes("mysql://x/y")


def test_a_salt_is_never_used_twice(tmp_path: Path) -> None:
    """A source of salts that repeats itself is told, while the paper is there and after it is gone."""
    with SqlAnnexes(url(tmp_path), create=True, salts=bytes) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        for _ in range(2):
            with pytest.raises(InputError, match="twice"):
                annexes.put("A-1", PAPER, media_type="text/plain")
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")


def test_the_setting_of_the_host_is_put_back(tmp_path: Path) -> None:
    """The connection of the host overwrites what it deletes for as long as a disposal takes."""
    engine = sa.create_engine(url(tmp_path), poolclass=StaticPool)
    for before in (0, 1, 2):
        with engine.connect() as host, SqlAnnexes(host, create=True) as annexes:
            host.exec_driver_sql(f"PRAGMA secure_delete = {['OFF', 'ON', 'FAST'][before]}")
            commitment = annexes.put("A-1", PAPER, media_type="text/plain")
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
            assert before == host.exec_driver_sql("PRAGMA secure_delete").scalar_one()
            host.commit()
    engine.dispose()
