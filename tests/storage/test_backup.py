"""What the page on backups says: each way to copy a journal that is in use, and what a restore means."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import attrs
import psycopg
import pytest
import sqlalchemy as sa

from shuroflow.errors import Conflict, InputError
from shuroflow.seal import seal, verify
from shuroflow.storage import Journal, JsonlJournal, open_journal
from shuroflow.storage.copying import copy
from shuroflow.verification.journals.events import examples
from tests.postgres import connect, programs


@contextmanager
def at_work(journal: Journal, appends: int = 40) -> Iterator[None]:
    """A thread that appends three events at a time, all the while."""
    start = journal.version("a")

    def write() -> None:
        for number in range(appends):
            version = start + 3 * number
            journal.append("a", examples("a", 3, after=version), expected=version)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        writer.join()


def is_beginning(restored: Journal, whole: Journal) -> None:
    """The one holds the first whole appends of the other, and can be recorded in."""
    size = restored.size()
    assert list(whole.feed())[:size] == list(restored.feed())
    assert 0 == size % 3
    restored.append("z", examples("z", 1), expected=0)


# ---------------------------------------------------------------- JSON Lines


def test_a_file_copied_while_in_use(tmp_path: Path) -> None:
    """Every copy is a beginning; what no append had finished is no part of it."""
    with JsonlJournal(tmp_path / "cases.jsonl", create=True) as journal, at_work(journal):
        for number in range(10):
            shutil.copy(tmp_path / "cases.jsonl", tmp_path / f"{number}.jsonl")
    with JsonlJournal(tmp_path / "cases.jsonl") as journal:
        for number in range(10):
            with JsonlJournal(tmp_path / f"{number}.jsonl") as restored:
                is_beginning(restored, journal)


def test_every_cut_of_a_file(tmp_path: Path) -> None:
    """Wherever the bytes end, the copy opens with the whole appends before, and reports the rest as torn."""
    with JsonlJournal(tmp_path / "cases.jsonl", create=True) as journal:
        for version in (0, 3):
            journal.append("a", examples("a", 3, after=version), expected=version)
    raw = (tmp_path / "cases.jsonl").read_bytes()
    first = len(raw.splitlines(keepends=True)[0] + b"".join(raw.splitlines(keepends=True)[1:3]))
    cut = tmp_path / "cut.jsonl"
    for end in range(len(raw) + 1):
        cut.write_bytes(raw[:end])
        with JsonlJournal(cut) as journal:
            assert 3 * (end >= first) + 3 * (end == len(raw)) == journal.size()
            assert (journal.torn is None) == (end in (0, first, len(raw)))


# ---------------------------------------------------------------- SQLite


def test_sqlite_copied_by_sqlite(tmp_path: Path) -> None:
    """VACUUM INTO and the online backup give a beginning while a writer is at work, triggers and all."""
    with open_journal(f"sqlite:///{tmp_path / 'cases.db'}", create=True) as journal:
        journal.append("a", examples("a", 3), expected=0)
        with at_work(journal), closing(sqlite3.connect(tmp_path / "cases.db")) as db:
            for number in range(5):
                db.execute("VACUUM INTO ?", (str(tmp_path / f"vacuum-{number}.db"),))
                with closing(sqlite3.connect(tmp_path / f"backup-{number}.db")) as other:
                    db.backup(other)
        for path in sorted(tmp_path.glob("*-*.db")):
            with open_journal(f"sqlite:///{path}") as restored:
                assert restored.size() >= 3
                is_beginning(restored, journal)
            with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute("DELETE FROM shuroflow_event")


def test_the_file_of_sqlite_alone_is_no_backup(tmp_path: Path) -> None:
    """While a journal is open, what was recorded last lies in the file beside it."""
    with open_journal(f"sqlite:///{tmp_path / 'cases.db'}", create=True) as journal:
        journal.append("a", examples("a", 3), expected=0)
        assert (tmp_path / "cases.db-wal").stat().st_size > 0
        shutil.copy(tmp_path / "cases.db", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as db:
        tables = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'shuroflow_event'").fetchone()[0]
        assert 0 == (db.execute("SELECT count(*) FROM shuroflow_event").fetchone()[0] if tables else 0)
    assert not (tmp_path / "cases.db-wal").exists()
    shutil.copy(tmp_path / "cases.db", tmp_path / "closed.db")
    with open_journal(f"sqlite:///{tmp_path / 'closed.db'}") as restored:
        assert 3 == restored.size()


# ---------------------------------------------------------------- PostgreSQL


def run(program: str, *arguments: object) -> None:
    """Run one of PostgreSQL's own programs."""
    command = [str(programs() / program), *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "PGTZ": "UTC"})
    assert (0, "") == (done.returncode, done.stderr)


def plain(url: str, **changes: str) -> str:
    """The URL as PostgreSQL's own programs take it, without the schema."""
    return sa.make_url(url).set(drivername="postgresql", **changes).render_as_string(hide_password=False)


@contextmanager
def database(url: str) -> Iterator[str]:
    """An empty database on the same server: its name."""
    name = f"restored_{uuid.uuid4().hex[:12]}"
    with connect(url) as db:
        db.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    try:
        yield name
    finally:
        with connect(url) as db:
            db.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["custom", "plain"])
def test_postgresql_dumped_and_restored(postgres: str, postgres_url: str, tmp_path: Path, form: str) -> None:
    """A dump taken while a writer is at work is a beginning; the triggers come back with it and let it in."""
    schema = sa.make_url(postgres_url).query["options"]
    assert isinstance(schema, str)
    dump = tmp_path / "cases.dump"
    with open_journal(postgres_url, create=True) as journal:
        journal.append("a", examples("a", 3), expected=0)
        with at_work(journal):
            run("pg_dump", f"--format={form}", f"--schema={schema.partition('=')[2]}", "-f", dump, plain(postgres))
        with database(postgres) as name:
            if form == "custom":
                run("pg_restore", "--exit-on-error", "--no-owner", "-d", plain(postgres, database=name), dump)
            else:
                run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", dump, plain(postgres, database=name))
            restored_url = sa.make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
            with open_journal(restored_url) as restored:
                assert restored.size() >= 3
                is_beginning(restored, journal)
            with connect(restored_url) as db:
                for verb in ("DELETE FROM shuroflow_event", "UPDATE shuroflow_event SET seq = 9"):
                    with pytest.raises(psycopg.errors.RestrictViolation):
                        db.execute(verb)  # type: ignore[arg-type]


# ---------------------------------------------------------------- what a restore means


def test_a_restore_and_those_who_saw_more(tmp_path: Path) -> None:
    """Set back by two appends: a checkpoint of before tells, who had read more gets a conflict, a key records anew."""
    path, old = tmp_path / "cases.jsonl", tmp_path / "old.jsonl"
    with JsonlJournal(path, create=True) as journal:
        journal.append("a", examples("a", 2), expected=0)
        shutil.copy(path, old)
        seen = journal.append("a", examples("a", 1, after=2), expected=2, key="form-1")
        sealed = seal(journal, origin="office.example/cases")
    with JsonlJournal(old) as restored:
        assert not verify(restored, [sealed]).proven
        with pytest.raises(Conflict) as caught:
            restored.append("a", examples("a", 1, after=3), expected=3)
        assert (3, 2) == (caught.value.expected, caught.value.actual)
        restored.append("a", [attrs.evolve(examples("a", 1, after=2)[0], note="another")], expected=2)
        later = attrs.evolve(examples("a", 1, after=3)[0], prev=seen.head)
        with pytest.raises(Conflict) as caught:  # the number is right again, and the event before it is another one
            restored.append("a", [later], expected=3)
        assert (3, 3) == (caught.value.expected, caught.value.actual)
        again = [attrs.evolve(examples("a", 1, after=3)[0], note="a 3")]
        assert not restored.append("a", again, expected=3, key="form-1").duplicate


def test_a_copy_that_is_brought_up_to_date(tmp_path: Path) -> None:
    """Converting again adds what is new, and refuses a source that was set back or changed since."""
    path = tmp_path / "cases.jsonl"
    with (
        JsonlJournal(path, create=True) as journal,
        open_journal(f"sqlite:///{tmp_path / 'copy.db'}", create=True) as kept,
    ):
        for night in range(3):
            journal.append("a", examples("a", 2, after=2 * night), expected=2 * night)
            assert 2 == copy(journal, kept).copied
        assert list(journal.feed()) == list(kept.feed())
    raw = path.read_bytes()
    shorter, changed = raw[: raw.index(b'"a 5"')], raw.replace(b'"a 2"', b'"a 9"')
    for bytes_now in (shorter, changed):
        path.write_bytes(bytes_now)
        with JsonlJournal(path) as journal, open_journal(f"sqlite:///{tmp_path / 'copy.db'}") as kept:
            with pytest.raises(InputError, match="name another target"):
                copy(journal, kept)
            assert 6 == kept.size()
