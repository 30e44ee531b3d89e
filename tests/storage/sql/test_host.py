"""On the host's own connection or session: the event and the host's rows stand or fall together."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from shuroflow.errors import Conflict, DuplicateKey, InputError, Unavailable
from shuroflow.storage.sql import SqlJournal, event_table, install
from shuroflow.storage.sql.host import HostLink
from shuroflow.storage.sql.statements import Row
from shuroflow.verification import as_recorded, example, examples


class Base(DeclarativeBase):
    """The host's models."""


class Form(Base):
    """A row of the host."""

    __tablename__ = "host_form"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


FORMS = Form.__table__


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    """An engine of the host, with its own table and the tables of a journal; it waits for no lock."""
    if url.startswith("sqlite"):
        engine = sa.create_engine(url, connect_args={"timeout": 0})
    else:
        engine = sa.create_engine(f"{url}%20-clock_timeout%3D200ms")
    Base.metadata.create_all(engine)
    install(engine)
    yield engine
    engine.dispose()


def note(host: sa.Connection, number: int) -> None:
    """Record a row of the host."""
    host.execute(sa.insert(FORMS).values(id=number, text="…"))


def stands(engine: sa.Engine) -> tuple[list[int], dict[str, int]]:
    """What another connection sees: the host's rows, and the cases with their versions."""
    with engine.connect() as other:
        journal = SqlJournal(other)
        cases = {case_id: journal.version(case_id) for case_id in journal.cases()}
        return list(other.execute(sa.select(FORMS.c.id).order_by(FORMS.c.id)).scalars()), cases


def test_commit_takes_both(engine: sa.Engine) -> None:
    """The host's commit makes its rows and the event stand; before it nobody else sees either."""
    with engine.connect() as host:
        note(host, 1)
        with SqlJournal(host) as journal:
            done = journal.append("one", examples("one", 2), expected=0)
            assert (2, as_recorded(examples("one", 2))) == (done.version, journal.read("one"))
        assert ([], {}) == stands(engine)
        note(host, 2)
        host.commit()
    assert ([1, 2], {"one": 2}) == stands(engine)


@pytest.mark.parametrize("first", ["row", "event"])
def test_rollback_takes_both(engine: sa.Engine, first: str) -> None:
    """The host's rollback leaves neither, whichever came first; then the connection is as good as new."""
    with engine.connect() as host:
        journal = SqlJournal(host)
        for turn in ("row", "event") if first == "row" else ("event", "row"):
            if turn == "row":
                note(host, 1)
            else:
                journal.append("one", examples("one", 1), expected=0)
        host.rollback()
        assert ([], {}) == stands(engine)
        assert [] == journal.read("one")
        journal.append("one", examples("one", 1), expected=0)
        host.commit()
    assert ([], {"one": 1}) == stands(engine)


def test_begin_block(engine: sa.Engine) -> None:
    """An error inside `engine.begin()` undoes the event with the host's rows."""
    with pytest.raises(LookupError), engine.begin() as host:  # noqa: PT012
        SqlJournal(host).append("one", examples("one", 1), expected=0)
        note(host, 1)
        raise LookupError
    assert ([], {}) == stands(engine)


def _conflict(journal: SqlJournal) -> None:
    with pytest.raises(Conflict) as caught:
        journal.append("one", examples("one", 2, after=4), expected=4)
    assert (4, 1) == (caught.value.expected, caught.value.actual)


def _another_link(journal: SqlJournal) -> None:
    with pytest.raises(Conflict):
        journal.append("one", [attrs.evolve(example("one", 2), prev="rfc6962:" + "0" * 64)], expected=1)


def _key(journal: SqlJournal) -> None:
    with pytest.raises(DuplicateKey):
        journal.append("one", examples("one", 1, after=1), expected=1, key="k")


def _again(journal: SqlJournal) -> None:
    assert journal.append("one", examples("one", 1), expected=0, key="k").duplicate


def _load(journal: SqlJournal) -> None:
    with pytest.raises(Conflict):
        journal.load([record.body for record in journal.feed()])


@pytest.mark.parametrize("trouble", [_conflict, _another_link, _key, _again, _load])
def test_a_refused_append_leaves_the_hosts_work(engine: sa.Engine, trouble: Callable[[SqlJournal], None]) -> None:
    """After a conflict the host's earlier rows are there, can be added to, and committed."""
    with engine.begin() as host:
        SqlJournal(host).append("one", examples("one", 1), expected=0, key="k")
    with engine.connect() as host:
        note(host, 1)
        journal = SqlJournal(host)
        trouble(journal)
        note(host, 2)
        journal.append("one", examples("one", 1, after=1), expected=1)
        host.commit()
    assert ([1, 2], {"one": 2}) == stands(engine)


def test_half_an_append_is_undone(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a later row of an append fails, its earlier rows go and the host's stay."""
    whole = HostLink.insert

    def half(link: HostLink, rows: Sequence[Row]) -> None:
        whole(link, rows[:1])
        whole(link, rows[:1])

    with engine.connect() as host:
        note(host, 1)
        journal = SqlJournal(host)
        monkeypatch.setattr(HostLink, "insert", half)
        with pytest.raises((Conflict, Unavailable)):
            journal.append("one", examples("one", 2), expected=0)
        monkeypatch.undo()
        assert [] == journal.read("one")
        note(host, 2)
        host.commit()
    assert ([1, 2], {}) == stands(engine)


def test_the_hosts_own_savepoints(engine: sa.Engine) -> None:
    """What is appended inside a savepoint of the host goes with it, and what was appended before it stays."""
    if engine.dialect.name == "sqlite":  # as SQLAlchemy advises who wants savepoints of this driver
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with engine.connect() as host:
        journal = SqlJournal(host)
        journal.append("one", examples("one", 1), expected=0)
        inner = host.begin_nested()
        journal.append("one", examples("one", 1, after=1), expected=1)
        note(host, 1)
        inner.rollback()
        assert 1 == journal.version("one")
        note(host, 2)
        host.commit()
    assert ([2], {"one": 1}) == stands(engine)


def test_close_leaves_the_connection(engine: sa.Engine) -> None:
    """Closing the journal closes nothing of the host's and ends nothing."""
    with engine.connect() as host:
        note(host, 1)
        journal = SqlJournal(host)
        journal.append("one", examples("one", 1), expected=0)
        journal.close()
        assert host.in_transaction()
        assert not host.closed
        host.commit()
    assert ([1], {"one": 1}) == stands(engine)


@pytest.mark.parametrize(
    "options",
    [
        {"isolation_level": "AUTOCOMMIT"},
        {"execution_options": {"isolation_level": "AUTOCOMMIT"}},
        {"connect_args": {"isolation_level": None}},
        *([{"connect_args": {"autocommit": True}}] if hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL") else []),
    ],
)
def test_sqlite_without_transactions(tmp_path_factory: pytest.TempPathFactory, options: dict[str, Any]) -> None:
    """SQLite: a connection that commits every statement by itself, however it came to that, is refused."""
    url = f"sqlite:///{tmp_path_factory.mktemp('db') / 'cases.db'}"
    install(url)
    engine = sa.create_engine(url, **options)
    with engine.connect() as host:
        journal = SqlJournal(host)
        with pytest.raises(InputError, match="AUTOCOMMIT"):
            journal.append("one", examples("one", 1), expected=0)
        assert [] == journal.read("one")
    engine.dispose()


def test_sqlite_savepoint_without_a_transaction(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite: in a savepoint that is itself the transaction nothing is recorded; as SQLAlchemy advises, it is."""
    url = f"sqlite:///{tmp_path_factory.mktemp('db') / 'cases.db'}"
    install(url)
    engine = sa.create_engine(url)
    with Session(engine) as session:
        with session.begin_nested(), pytest.raises(InputError, match="isolation_level = None"):
            SqlJournal(session).append("one", examples("one", 1), expected=0)
        session.rollback()
        assert [] == SqlJournal(session).read("one")
    engine.dispose()

    engine = sa.create_engine(url)
    sa.event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    for end, version in (("rollback", 0), ("commit", 1)):
        with Session(engine) as session:
            with session.begin_nested():
                SqlJournal(session).append("one", examples("one", 1), expected=0)
            getattr(session, end)()
            assert version == SqlJournal(session).version("one")
    with engine.connect() as host:  # the first statement of a transaction is an append
        journal = SqlJournal(host)
        host.commit()
        journal.append("one", examples("one", 1, after=1), expected=1)
        host.commit()
        assert 2 == journal.version("one")
    engine.dispose()


def test_an_engine_in_memory_is_left_to_the_host() -> None:
    """SQLite: the only connection of an engine in memory is not taken away from the host."""
    engine = sa.create_engine("sqlite://")
    with pytest.raises(InputError, match="pass an open connection"):
        SqlJournal(engine, create=True)
    with engine.begin() as host:
        SqlJournal(host, create=True).append("one", examples("one", 1), expected=0)
    with engine.connect() as host:
        assert 1 == SqlJournal(host).version("one")
    engine.dispose()


# ---------------------------------------------------------------- sessions


def test_session(engine: sa.Engine) -> None:
    """With an ORM session, objects that are only pending at the time stand or fall with the event."""
    with Session(engine) as session:
        session.add(Form(id=1, text="…"))
        journal = SqlJournal(session)
        journal.append("one", examples("one", 1), expected=0)
        session.add(Form(id=2, text="…"))
        session.rollback()
        assert ([], {}) == stands(engine)

        session.add(Form(id=3, text="…"))
        journal.append("one", examples("one", 1), expected=0)  # the same journal, in the session's next transaction
        with pytest.raises(Conflict):
            journal.append("one", examples("one", 1), expected=0)
        session.add(Form(id=4, text="…"))
        session.commit()
    assert ([3, 4], {"one": 1}) == stands(engine)


def test_session_that_fails_later(engine: sa.Engine) -> None:
    """A flush that fails after the event was appended takes the event along."""
    with Session(engine) as session:
        session.add(Form(id=1, text="…"))
        session.commit()
        journal = SqlJournal(session)
        journal.append("one", examples("one", 1), expected=0)
        session.add(Form(id=1, text="the id is taken"))
        with pytest.raises(sa.exc.IntegrityError):
            session.commit()
        with pytest.raises(Unavailable, match="session cannot be used") as caught:
            SqlJournal(session)
        assert "the id is taken" not in str(caught.value)  # no values of the host in our errors
        with pytest.raises(Unavailable, match="session cannot be used"):
            journal.read("one")
        session.rollback()
        assert [] == SqlJournal(session).read("one")
    assert ([1], {}) == stands(engine)


def test_session_without_a_database() -> None:
    """A session, or anything else, that leads to no database is an error of the caller."""
    with Session() as session, pytest.raises(InputError, match="bound"):
        SqlJournal(session)
    with pytest.raises(InputError, match="got int"):
        SqlJournal(3)  # type: ignore[arg-type]


def test_session_with_several_databases(engine: sa.Engine) -> None:
    """Of several databases of a session the one that its tables are bound to is taken."""
    elsewhere = sa.create_engine("sqlite://")
    with Session(binds={Base: elsewhere}) as session, pytest.raises(InputError, match="bound"):
        SqlJournal(session)
    with Session(binds={Base: elsewhere, event_table: engine}) as session:
        SqlJournal(session).append("one", examples("one", 1), expected=0)
        session.commit()
    elsewhere.dispose()
    assert ([], {"one": 1}) == stands(engine)


# ---------------------------------------------------------------- what cannot be used


def test_closed_connection(engine: sa.Engine) -> None:
    """A connection that the host has closed is told; so is a journal that was closed."""
    with engine.connect() as host:
        journal = SqlJournal(host)
    with pytest.raises(Unavailable, match="cannot be used"):
        journal.read("one")
    journal.close()
    with pytest.raises(Unavailable, match="the journal is closed"):
        journal.read("one")


def test_a_transaction_that_has_failed(url: str) -> None:
    """PostgreSQL refuses everything after an error of the host until it rolls back: this is told as what it is."""
    engine = sa.create_engine(url)
    install(engine)
    with engine.connect() as host:
        journal = SqlJournal(host)
        with pytest.raises(sa.exc.DBAPIError):
            host.execute(sa.text("SELECT nothing"))
        if engine.dialect.name == "postgresql":
            for use in (lambda: journal.append("one", examples("one", 1), expected=0), lambda: journal.read("one")):
                with pytest.raises(Unavailable, match="roll it back"):
                    use()
            host.rollback()
        journal.append("one", examples("one", 1), expected=0)
    engine.dispose()


def test_an_engine_without_a_connection_left(url: str) -> None:
    """A pool that is used up is told as unavailable."""
    engine = sa.create_engine(url, poolclass=sa.QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    install(url)
    with engine.connect(), pytest.raises(Unavailable, match="no connection left"):
        SqlJournal(engine)
    SqlJournal(engine).close()
    engine.dispose()


def test_tables_that_are_missing(engine: sa.Engine, url: str) -> None:
    """Without `create` the tables must be there; asking leaves the host's transaction as it was."""
    other = sa.create_engine("sqlite://")
    with engine.connect() as host:
        if engine.dialect.name == "postgresql":
            host.execute(sa.text("SET LOCAL search_path TO pg_catalog"))
        else:
            host = other.connect()  # noqa: PLW2901
        with pytest.raises(Unavailable, match="holds no journal"):
            SqlJournal(host)
        assert 1 == host.execute(sa.text("SELECT 1")).scalar()
        host.close()
    other.dispose()


def test_create_in_the_hosts_transaction(url: str) -> None:
    """`create=True` makes the tables in the host's transaction: rolled back, they are gone."""
    engine = sa.create_engine(url)
    with engine.connect() as host:
        SqlJournal(host, create=True).append("one", examples("one", 1), expected=0)
        host.rollback()
        with pytest.raises(Unavailable, match="holds no journal"):
            SqlJournal(host)
        host.rollback()
        SqlJournal(host, create=True).append("one", examples("one", 1), expected=0)
        host.commit()
        assert 1 == SqlJournal(host).version("one")
    engine.dispose()


def test_writer_in_the_way(engine: sa.Engine) -> None:
    """Another writer who has not finished: unavailable, nothing is written, and it goes when he has."""
    with engine.connect() as slow, engine.connect() as host:
        SqlJournal(slow).append("one", examples("one", 1), expected=0)
        journal = SqlJournal(host)
        host.commit()
        with pytest.raises(Unavailable, match="another process"):
            journal.append("two", examples("two", 1), expected=0)
        slow.commit()
        host.rollback()
        journal.append("two", examples("two", 1), expected=0)
        host.commit()
    assert ([], {"one": 1, "two": 1}) == stands(engine)


def test_sqlite_reads_that_are_out_of_date(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite: who began to read before somebody else wrote cannot write: roll back and try again."""
    engine = sa.create_engine(f"sqlite:///{tmp_path_factory.mktemp('db') / 'cases.db'}")
    with SqlJournal(engine, create=True) as journal:
        journal.append("one", examples("one", 1), expected=0)
        with engine.connect() as host:
            host.exec_driver_sql("BEGIN")
            ours = SqlJournal(host)
            assert 1 == ours.version("one")
            journal.append("two", examples("two", 1), expected=0)
            with pytest.raises(Unavailable, match="roll back and try again"):
                ours.append("one", examples("one", 1, after=1), expected=1)
            host.rollback()
            ours.append("one", examples("one", 1, after=1), expected=1)
            host.commit()
        assert [1, 2, 3] == [record.position for record in journal.feed()]
    engine.dispose()


def test_sqlite_driver_that_begins_by_itself(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite: whichever way the host's driver begins transactions, nothing is committed by the journal."""
    path = tmp_path_factory.mktemp("db") / "cases.db"
    SqlJournal(f"sqlite:///{path}", create=True).close()
    ways: list[dict[str, Any]] = [{}, {"isolation_level": "IMMEDIATE"}]
    if hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL"):
        ways.append({"autocommit": False})
    for way in ways:
        engine = sa.create_engine(f"sqlite:///{path}", connect_args=way)
        with engine.connect() as host:
            SqlJournal(host).append("one", examples("one", 2), expected=0)
            host.rollback()
            assert 0 == SqlJournal(host).version("one")
        engine.dispose()
