"""The journal in PostgreSQL: order of commits, lost connections, roles and their rights, and what errors mean."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from shuroflow.errors import Conflict, Damaged, InputError, JournalError, Unavailable
from shuroflow.storage import open_journal
from shuroflow.storage.sql import SCHEMA_VERSION, SqlJournal, install
from shuroflow.storage.sql.link import Taken
from shuroflow.storage.sql.postgresql import _HISTORIES, translated
from shuroflow.verification import as_recorded, body_of, example, examples
from tests.postgres import Server, connect, schema
from tests.storage.sql.databases import run, unguarded


@pytest.fixture
def journal(postgres_url: str) -> Iterator[SqlJournal]:
    """An empty journal."""
    with SqlJournal(postgres_url, create=True) as journal:
        yield journal


def backend(journal: SqlJournal) -> int:
    """The process of the server that serves the journal."""
    link: Any = journal._door.link
    return int(link._raw.info.backend_pid)


def await_lock(db: psycopg.Connection[Any], pid: int) -> None:
    """Wait until that process of the server waits for a lock; the database is asked again and again."""
    asked = "SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted"
    while not db.execute(asked, (pid,)).fetchall():
        pass


@contextmanager
def lock_held(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A transaction that has taken the lock of the journal and does not end."""
    with connect(url) as db, db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(1937075302, 'shuroflow_event'::regclass::oid::int)")
        yield db


# ---------------------------------------------------------------- the order of commits


def test_a_late_commit_is_not_missed(journal: SqlJournal, postgres_url: str) -> None:
    """Who appended first and commits late is not overtaken: the feed never passes an event that is still to come."""
    engine = sa.create_engine(postgres_url)
    journal.append("early", examples("early", 1), expected=0)
    with engine.connect() as slow, ThreadPoolExecutor() as others, connect(postgres_url) as db:
        SqlJournal(slow).append("slow", examples("slow", 2), expected=0)
        quick = others.submit(journal.append, "quick", examples("quick", 1), expected=0)
        await_lock(db, backend(journal))
        with SqlJournal(postgres_url) as reader:
            assert ["early"] == [record.event.case_id for record in reader.feed()]
            slow.commit()
            quick.result()
            found = [(record.position, record.event.case_id) for record in reader.feed(after=1)]
    engine.dispose()
    assert [(2, "slow"), (3, "slow"), (4, "quick")] == found


@pytest.mark.parametrize("seen", [True, False])
def test_what_one_statement_could_not_see(journal: SqlJournal, postgres_url: str, seen: bool) -> None:
    """An append of one statement whose position another transaction takes meanwhile is done again, and is next."""
    written = journal.append("one", examples("one", 1), expected=0)
    if not seen:
        journal._known.clear()
    with connect(postgres_url) as past, ThreadPoolExecutor() as others, connect(postgres_url) as db:
        past.autocommit = False
        # A row of another case at the next position, by someone who takes no lock: it is not to be seen yet.
        past.execute(
            "INSERT INTO shuroflow_event SELECT 2, 'new', 1, programme, kind, occurred_on, recorded_at, key, "
            "replace(body, '\"one\"', '\"new\"') FROM shuroflow_event"
        )
        late = others.submit(journal.append, "one", examples("one", 1, after=1), expected=1)
        await_lock(db, backend(journal))
        past.commit()
        assert 2 == late.result().version
    assert ["one", "new", "one"] == [record.event.case_id for record in journal.feed()]
    assert written.head == journal.read("one")[1].prev


def test_rolled_back_positions_are_given_again(journal: SqlJournal, postgres_url: str) -> None:
    """A transaction of the host that is rolled back leaves no gap in the positions."""
    engine = sa.create_engine(postgres_url)
    with engine.connect() as host:
        SqlJournal(host).append("gone", examples("gone", 3), expected=0)
        host.rollback()
    engine.dispose()
    journal.append("one", examples("one", 1), expected=0)
    assert [1] == [record.position for record in journal.feed()]


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("case_id", ["one", "two"])
def test_a_host_that_sees_an_older_state(journal: SqlJournal, postgres_url: str, level: str, case_id: str) -> None:
    """A transaction that keeps to what it saw first cannot append after others did: nothing is lost or half there."""
    engine = sa.create_engine(postgres_url, isolation_level=level)
    journal.append("one", examples("one", 1), expected=0)
    with engine.connect() as host:
        ours = SqlJournal(host)
        assert 1 == ours.version("one")
        seen = ours.version(case_id)
        journal.append("one", examples("one", 1, after=1), expected=1)
        with pytest.raises(Unavailable, match="roll back and try again"):
            ours.append(case_id, examples(case_id, 2, after=seen), expected=seen)
        host.rollback()
        seen = ours.version(case_id)
        ours.append(case_id, examples(case_id, 2, after=seen), expected=seen)
        host.commit()
    engine.dispose()
    assert [1, 2, 3, 4] == [record.position for record in journal.feed()]


def test_the_server_prefers_another_level(journal: SqlJournal, postgres_url: str) -> None:
    """A server that begins every transaction as SERIALIZABLE changes nothing for a journal of its own connection."""
    with SqlJournal(f"{postgres_url}%20-cdefault_transaction_isolation%3Dserializable") as ours:
        for at in range(6):
            (ours if at % 2 else journal).append("one", examples("one", 1, after=at), expected=at)
            assert at + 1 == ours.version("one")


def test_cases_are_found_by_their_ids(journal: SqlJournal, postgres_url: str) -> None:
    """Of a table that the server has not looked at yet, too, it does not gather all positions to find a few cases."""
    texts = journal._door.link.sql  # type: ignore[union-attr]
    with connect(postgres_url) as db:
        db.execute(
            "INSERT INTO shuroflow_event (position, case_id, seq, programme, kind, occurred_on, recorded_at, body) "
            "SELECT n, 'case ' || n / 10, n % 10 + 1, 'saitama', 'listed', '2025-04-03', '2025-04-03', "
            "repeat('x', 900) FROM generate_series(1, 50000) AS n"
        )
        for statement, of in ((_HISTORIES, [f"case {n}" for n in range(50)]), (texts.read_until.text, "case 7")):
            plan = " ".join(line for (line,) in db.execute(f"EXPLAIN {statement}", (of, 50_000)))
            assert "shuroflow_event_case_seq" in plan
            assert "shuroflow_event_pkey" not in plan


def test_no_schema(postgres_url: str) -> None:
    """A search path that names no schema there is: what is missing is said, and where to look."""
    url = f"{postgres_url.partition('-csearch_path')[0]}-csearch_path%3Dnowhere"
    with pytest.raises(Unavailable, match="there is no schema for the tables; create it first"):
        SqlJournal(url, create=True)


def test_a_deadlock(postgres_url: str) -> None:
    """Two hosts that take the lock of the journal and a row in opposite order: one of them is told to try again."""
    engine = sa.create_engine(f"{postgres_url}%20-cdeadlock_timeout%3D50ms")
    run(postgres_url, "CREATE TABLE host_row (id int)", "INSERT INTO host_row VALUES (1)")
    SqlJournal(engine, create=True).close()
    update = sa.text("UPDATE host_row SET id = id + 1")
    with engine.connect() as one, engine.connect() as two, ThreadPoolExecutor() as others:
        SqlJournal(one).append("one", examples("one", 1), expected=0)
        two.execute(update)
        waiting = others.submit(one.execute, update)
        with connect(postgres_url) as db:
            pid = one.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
            while not db.execute("SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted", (pid,)).fetchall():
                pass
        told: list[BaseException] = []
        try:
            SqlJournal(two).append("two", examples("two", 1), expected=0)
        except Unavailable as error:
            told.append(error)
        two.rollback()
        failed = waiting.exception()
        if failed is not None:
            told.append(failed)
        one.rollback()
    engine.dispose()
    assert 1 == len(told)
    assert "deadlock" in str(told[0])


# ---------------------------------------------------------------- waiting, and lost connections


def test_no_patience(journal: SqlJournal, postgres_url: str) -> None:
    """Another writer who has not finished: unavailable after the time given, nothing is written, then all is well."""
    with SqlJournal(postgres_url, busy_timeout=0) as hasty:
        for events in (examples("one", 1), examples("one", 2)):
            with lock_held(postgres_url), pytest.raises(Unavailable, match="another process is writing"):
                hasty.append("one", events, expected=0)
        assert 0 == journal.size()
        hasty.append("one", examples("one", 2), expected=0)


def test_killed_while_idle(journal: SqlJournal, postgres_url: str) -> None:
    """A connection that was cut between two calls: the next call says that nothing was written, the one after works."""
    for use in (lambda: journal.read("one"), lambda: journal.append("one", examples("one", 2), expected=0)):
        run(postgres_url, f"SELECT pg_terminate_backend({backend(journal)}, 5000)")
        with pytest.raises(Unavailable, match="connection was lost; nothing was written"):
            use()
        assert 0 == journal.size()
    journal.append("one", examples("one", 2), expected=0)


@contextmanager
def position_taken(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A transaction, not ended yet, that holds the first position without the lock of the journal."""
    with connect(url) as db, db.transaction(force_rollback=True):
        db.execute(
            "INSERT INTO shuroflow_event (position, case_id, seq, programme, kind, occurred_on, recorded_at, body) "
            "VALUES (1, 'other', 1, 'saitama', 'listed', '2025-04-03', '2025-04-03T15:04:05+09:00', '{}')"
        )
        yield db


@pytest.mark.parametrize(
    ("hindrance", "said"),
    [(lock_held, "nothing was written"), (position_taken, "unknown: read the case again")],
    ids=["before", "within"],
)
def test_killed_in_flight(
    journal: SqlJournal,
    postgres_url: str,
    hindrance: Callable[[str], AbstractContextManager[psycopg.Connection[Any]]],
    said: str,
) -> None:
    """A connection cut while an append is under way: its outcome is told as unknown unless it is known.

    The same append under the same key is then safe.
    """
    events = examples("one", 1)
    with ThreadPoolExecutor() as others, hindrance(postgres_url) as db:
        pid = backend(journal)
        append = others.submit(journal.append, "one", events, expected=0, key="k")
        await_lock(db, pid)
        db.execute("SELECT pg_terminate_backend(%s)", (pid,))
        with pytest.raises(Unavailable, match=said):
            append.result()
    assert not journal.append("one", events, expected=0, key="k").duplicate
    assert journal.append("one", events, expected=0, key="k").duplicate
    assert as_recorded(events, key="k") == journal.read("one")


def test_the_servers_crash(tmp_path: Path) -> None:
    """The server crashes and comes back: what was acknowledged is there, and the journal connects anew."""
    with Server(tmp_path / "data") as server, SqlJournal(server.url, create=True) as journal:
        for at in range(10):
            journal.append("one", examples("one", 1, after=at), expected=at)
        server.stop(mode="immediate")
        with pytest.raises(Unavailable, match="connection was lost"):
            journal.version("one")
        with pytest.raises(Unavailable, match="cannot be reached"):
            journal.version("one")
        server.start()
        assert as_recorded(examples("one", 10)) == journal.read("one")
        journal.append("one", examples("one", 1, after=10), expected=10)


def test_a_thread_that_is_interrupted(journal: SqlJournal, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of an append leaves no transaction open."""
    link: Any = journal._door.link

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(link, "insert", interrupt)
    with pytest.raises(KeyboardInterrupt):
        journal.append("one", examples("one", 2), expected=0)
    monkeypatch.undo()
    with SqlJournal(postgres_url, busy_timeout=0) as other:
        other.append("one", examples("one", 2), expected=0)
    assert 2 == journal.version("one")


def test_what_was_seen_decides_nothing(journal: SqlJournal, postgres_url: str) -> None:
    """One round trip rests on what was seen last; where another stands now, it is looked at again."""
    with SqlJournal(postgres_url) as other:
        journal.append("one", examples("one", 1), expected=0)
        other.append("one", examples("one", 1, after=1), expected=1)
        with pytest.raises(Conflict) as caught:
            journal.append("one", examples("one", 1, after=1), expected=1)
        assert 2 == caught.value.actual
        assert as_recorded(examples("one", 3))[2:] == list(
            journal.append("one", examples("one", 1, after=2), expected=2).events
        )
        for at in range(3, 6):
            (journal if at % 2 else other).append("one", examples("one", 1, after=at), expected=at)
        assert as_recorded(examples("one", 6)) == journal.read("one")


def test_a_number_taken_past_the_journal(journal: SqlJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database has the last word on a number: a row put in past the lock is a conflict, not an overwrite."""
    journal.append("one", examples("one", 1), expected=0)
    link: Any = journal._door.link
    rows = link.rows

    def blind(statement: Any, values: tuple[object, ...] = ()) -> Any:
        found = rows(statement, values)
        return [(found[0][0], found[0][1], None, None)] if statement is link.sql.stand else found

    monkeypatch.setattr(link, "rows", blind)
    with pytest.raises(Conflict) as caught:
        journal.append("one", examples("one", 2), expected=0)
    assert (0, 1) == (caught.value.expected, caught.value.actual)


# ---------------------------------------------------------------- roles


@contextmanager
def role(url: str, *grants: str) -> Iterator[str]:
    """The URL for a role that may log in, and what it is granted in the schema of the URL."""
    name = str(run(url, "SELECT current_schema")[0][0])
    user = f"{name}_user"
    run(
        url,
        f"CREATE ROLE {user} LOGIN PASSWORD 'secret'",
        f"GRANT USAGE ON SCHEMA {name} TO {user}",
        *(f"GRANT {grant} TO {user}" for grant in grants),
    )
    try:
        yield sa.make_url(url).set(username=user, password="secret").render_as_string(hide_password=False)
    finally:
        run(url, f"DROP OWNED BY {user}", f"DROP ROLE {user}")


READ = ("SELECT ON shuroflow_event, shuroflow_schema",)
RECORD = (*READ, "INSERT ON shuroflow_event")


def test_a_role_that_may_read(journal: SqlJournal, postgres_url: str) -> None:
    """With SELECT alone everything can be read; an append says which right is missing and shows no password."""
    journal.append("one", examples("one", 2), expected=0)
    with role(postgres_url, *READ) as url, SqlJournal(url) as reader:
        assert as_recorded(examples("one", 2)) == reader.read("one") == list(reader.scan())
        assert ([1, 2], 2, ["one"]) == ([r.position for r in reader.feed()], reader.size(), list(reader.cases()))
        for count in (1, 2):
            with pytest.raises(Unavailable, match="INSERT on shuroflow_event") as caught:
                reader.append("one", examples("one", count, after=2), expected=2)
            assert "secret" not in str(caught.value)
        with pytest.raises(Unavailable, match="lacks a right"):
            reader.load([journal_body(journal)])
        assert 2 == reader.version("one")


def journal_body(journal: SqlJournal) -> bytes:
    """The body of the first event, as one of another case."""
    return next(journal.feed()).body.replace(b'"one"', b'"new"')


def test_a_role_that_may_record(journal: SqlJournal, postgres_url: str) -> None:
    """With SELECT and INSERT a role records and loads; it can change, delete and empty nothing."""
    with role(postgres_url, *RECORD) as url:
        with SqlJournal(url) as recorder:
            recorder.append("one", examples("one", 1), expected=0, key="k")
            recorder.append("one", examples("one", 2, after=1), expected=1)
            recorder.load([journal_body(journal)])
        for verb in ("UPDATE shuroflow_event SET seq = 1", "DELETE FROM shuroflow_event", "TRUNCATE shuroflow_event"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                run(url, verb)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(url, "ALTER TABLE shuroflow_event DISABLE TRIGGER ALL")
    assert 4 == journal.size()


def test_a_role_without_rights(journal: SqlJournal, postgres_url: str) -> None:
    """Without SELECT nothing opens, and the message says what to grant."""
    with role(postgres_url) as url, pytest.raises(Unavailable, match="needs SELECT"):
        SqlJournal(url)


def test_a_server_that_may_only_be_read(journal: SqlJournal, postgres_url: str) -> None:
    """A standby, or a role set to read only: reading works, an append is told apart from a missing right."""
    journal.append("one", examples("one", 1), expected=0)
    with SqlJournal(f"{postgres_url}%20-cdefault_transaction_read_only%3Don") as reader:
        assert 1 == len(reader.read("one"))
        for count in (1, 2):
            with pytest.raises(Unavailable, match="only be read"):
                reader.append("one", examples("one", count, after=1), expected=1)


# ---------------------------------------------------------------- opening


def test_acknowledged_is_on_the_disk(postgres_url: str) -> None:
    """A server set not to wait for the disk does wait for the journal's own commits."""
    with SqlJournal(f"{postgres_url}%20-csynchronous_commit%3Doff", create=True) as journal:
        link: Any = journal._door.link
        assert "on" == link._raw.execute("SHOW synchronous_commit").fetchone()[0]


def test_an_encoding_that_loses_names(postgres: str) -> None:
    """A database that is not in UTF-8 is refused at opening; so is a host's connection that sends another one."""
    with connect(postgres) as db:
        db.execute("CREATE DATABASE shuroflow_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        with pytest.raises(Unavailable, match="LATIN1"):
            SqlJournal(sa.make_url(postgres).set(database="shuroflow_latin").render_as_string(), create=True)
    finally:
        with connect(postgres) as db:
            db.execute("DROP DATABASE shuroflow_latin")
    engine = sa.create_engine(postgres, connect_args={"client_encoding": "latin1"})
    with engine.connect() as host, pytest.raises(Unavailable, match="LATIN1"):
        SqlJournal(host)
    engine.dispose()


def test_another_encoding_of_the_client(postgres_url: str) -> None:
    """Whatever encoding the environment of the client asks for, the journal's own connection speaks UTF-8."""
    with SqlJournal(f"{postgres_url}&client_encoding=latin1", create=True) as journal:
        journal.append("神", examples("神", 1), expected=0)
        assert as_recorded(examples("神", 1)) == journal.read("神")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"database": "nowhere"}, "nowhere"),
        ({"username": "nobody_here"}, "nobody_here"),
        ({"query": {"host": "/nowhere"}}, "nowhere"),
        ({"query": {"host": "localhost", "port": "1", "connect_timeout": "3"}}, "refused"),
    ],
)
def test_no_such_server(postgres: str, change: dict[str, Any], said: str) -> None:
    """A database, role or server that is not there is unavailable, in one line, without the password."""
    url = sa.make_url(postgres).set(password="secret").set(**change).render_as_string(hide_password=False)
    with pytest.raises(Unavailable, match=said) as caught:
        SqlJournal(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_journal(postgres_url: str) -> None:
    """An empty schema holds no journal, and opening it makes none."""
    with pytest.raises(Unavailable, match="holds no journal"):
        SqlJournal(postgres_url)
    assert [] == run(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema")


def test_a_later_version(journal: SqlJournal, postgres_url: str) -> None:
    """Tables of a later release are refused at opening, and by a journal that is open already when it records."""
    unguarded(postgres_url, f"INSERT INTO shuroflow_schema VALUES ({SCHEMA_VERSION + 1})")
    with pytest.raises(Unavailable, match="newer shuroflow"):
        SqlJournal(postgres_url)
    for count in (1, 2):
        with pytest.raises(Unavailable, match="newer shuroflow"):
            journal.append("one", examples("one", count), expected=0)


def test_by_name(postgres_url: str) -> None:
    """The URL opens a journal as any other name does, also without the name of the driver."""
    for url in (postgres_url, postgres_url.replace("+psycopg", "")):
        with open_journal(url, create=True) as journal:
            assert isinstance(journal, SqlJournal)


def test_another_driver() -> None:
    """An engine with a driver that the journal does not drive itself is an error of the caller, and says the way."""
    engine = sa.create_engine("postgresql+pg8000://", module=psycopg)
    with pytest.raises(InputError, match=r"postgresql\+psycopg"):
        SqlJournal(engine)


def test_made_by_several_at_once(postgres_url: str) -> None:
    """Many may make the tables at the same time: each finds a journal, and there is one."""
    start = threading.Barrier(6)

    def make(number: int) -> int:
        start.wait()
        with SqlJournal(postgres_url, create=True) as journal:
            return journal.append(f"case-{number}", examples(f"case-{number}", 1), expected=0).version

    with ThreadPoolExecutor(6) as others:
        assert [1] * 6 == list(others.map(make, range(6)))
    assert [(SCHEMA_VERSION,)] == run(postgres_url, "SELECT version FROM shuroflow_schema")


def test_two_journals_in_one_database(postgres: str) -> None:
    """Each schema has a journal and a lock of its own."""
    with schema(postgres) as ours, schema(postgres) as theirs:
        SqlJournal(ours, create=True).close()
        with SqlJournal(theirs, create=True, busy_timeout=0) as journal, lock_held(ours):
            journal.append("one", examples("one", 1), expected=0)
        assert [(0,)] == run(ours, "SELECT count(*) FROM shuroflow_event")


# ---------------------------------------------------------------- what errors mean


class Told(Exception):
    """An error of a driver with its SQLSTATE."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("as the\nserver says")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "kind", "said"),
    [
        ("25006", Unavailable, "only be read"),
        ("25P02", Unavailable, "roll it back"),
        ("28P01", Unavailable, "password"),
        ("3D000", Unavailable, "no such database"),
        ("40001", Unavailable, "roll back and try again"),
        ("40P01", Unavailable, "roll back and try again"),
        ("42501", Unavailable, "INSERT"),
        ("42P01", Unavailable, "holds no journal"),
        ("53100", Unavailable, "disk of the server is full"),
        ("53200", Unavailable, "short of resources"),
        ("53300", Unavailable, "no connection left"),
        ("55P03", Unavailable, "another process is writing"),
        ("57014", Unavailable, "cancelled"),
        ("57P03", Unavailable, "not ready"),
        ("58030", Unavailable, "its files"),
        ("XX001", Damaged, "damaged"),
        ("XX002", Damaged, "index"),
        ("22021", Unavailable, "the database answers"),
        ("", Unavailable, "the database answers"),
        ("23505", Unavailable, "roll back and try again"),
    ],
)
def test_errors_by_their_state(state: str, kind: type[JournalError], said: str) -> None:
    """Each class of errors has its meaning; the words of the server stand behind it, in one line."""
    error = translated(Told(state), where="the url")

    assert type(error) is kind
    assert said in str(error)
    assert "as the server says" in str(error)
    assert str(error).startswith("the url: ")


def test_a_number_that_is_taken() -> None:
    """The unique constraint on case and number is the one that means a conflict."""
    told: Any = Told("23505")
    told.diag = type("Diag", (), {"constraint_name": "shuroflow_event_case_seq"})

    assert isinstance(translated(told, where="the url"), Taken)


def test_no_trigger_makes_copy_slow(postgres_url: str) -> None:
    """No trigger is to see each row before it is inserted: COPY then puts in one row at a time, and not a page."""
    install(postgres_url)
    each_row, before, insert = 1, 2, 4
    kinds = run(postgres_url, "SELECT tgtype FROM pg_trigger WHERE tgrelid = 'shuroflow_event'::regclass")
    assert 3 == len(kinds)
    assert not [kind for (kind,) in kinds if kind & each_row and kind & before and kind & insert]


def test_bulk_takes_every_text(journal: SqlJournal) -> None:
    """What COPY reads as signs of its own, in texts, comes through as it is."""
    texts = ["\\", "\\N", "a\tb", "a\nb", "a\r\nb", "\\.", "\x00", "\u2028", "神 𠮷 ﾊﾟ", '"', "{}", "\\u0000"]
    events = [
        example(f"case {number}\\", note=text, key=text.replace("\x00", "0")) for number, text in enumerate(texts)
    ]
    journal.load([body_of(event) for event in events])
    assert events == [record.event for record in journal.feed()]
    with pytest.raises(InputError, match="NUL"):
        journal.load([body_of(example("x", key="\x00"))])
