"""The roles and grants of the page on privileges do what it says, on a real server."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from shuroflow.errors import JournalError
from shuroflow.events import Actor
from shuroflow.projection import refresh
from shuroflow.states import Office
from shuroflow.storage.sql import SqlJournal, install
from shuroflow.storage.sql.annexes import SqlAnnexes
from shuroflow.verification import as_recorded, examples
from shuroflow.vocabulary import Role
from tests.storage.sql.databases import run

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "privileges.md"
ROLES = ("owner", "desk", "refresh", "officer", "auditor")


@pytest.fixture(scope="module")
def urls(postgres: str) -> Iterator[dict[str, str]]:
    """The URL for each role of the page, after everything on it has been run under names of our own."""
    name = f"cases_{uuid.uuid4().hex[:12]}"
    made, granted = (
        [statement for statement in re.sub(r"\bcases", name, found).split(";") if statement.strip()]
        for found in re.findall(r"<<'SQL'\n(.*?)SQL\n", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    )
    url = sa.make_url(postgres)
    roles = {
        role: url.set(username=f"{name}_{role}", password="secret").render_as_string(hide_password=False)
        for role in ROLES
    }
    run(postgres, *made, *(f"ALTER ROLE {name}_{role} PASSWORD 'secret'" for role in ROLES))
    try:
        install(roles["owner"])
        run(roles["owner"], *granted)
        yield roles
    finally:
        owned = ", ".join(f"{name}_{role}" for role in ROLES)
        run(postgres, "SET client_min_messages = 'warning'", f"DROP OWNED BY {owned} CASCADE", f"DROP ROLE {owned}")


def test_the_desk_records(urls: dict[str, str]) -> None:
    """The desk records, loads, reads and puts papers."""
    with SqlJournal(urls["desk"]) as journal, SqlAnnexes(urls["desk"]) as annexes:
        commitment = annexes.put("desk", b"paper", media_type="text/plain", keep_until=date(2020, 3, 31))
        journal.append("desk", examples("desk", 1), expected=0)
        journal.append("desk", examples("desk", 2, after=1), expected=1)
        assert as_recorded(examples("desk", 3)) == journal.read("desk")
        assert b"paper" == getattr(annexes.get(commitment), "content", None)


def test_the_refresher_fills_the_views(urls: dict[str, str]) -> None:
    """The role of the morning fills the derived tables, whole and again."""
    with SqlJournal(urls["desk"]) as journal:
        journal.append("fresh", examples("fresh", 1), expected=0)
    with SqlJournal(urls["refresh"]) as journal:
        for day in (date(2025, 4, 3), date(2025, 4, 4)):
            refresh(journal, as_of=day, office=Office())
    assert [(1,)] == run(urls["auditor"], "SELECT count(*) FROM shuroflow_case WHERE case_id = 'fresh'")


def test_the_officer_disposes(urls: dict[str, str]) -> None:
    """The records officer disposes of a paper; the desk cannot."""
    officer = Actor("ro-1", Role.DIRECTOR)
    with SqlAnnexes(urls["desk"]) as annexes:
        commitment = annexes.put("old", b"paper", media_type="text/plain", keep_until=date(2020, 3, 31))
        with pytest.raises(JournalError, match="lacks a right"):
            annexes.dispose(commitment, on=date(2020, 4, 1), by=officer, reason="the retention has ended")
        assert b"paper" == getattr(annexes.get(commitment), "content", None)
    with SqlAnnexes(urls["officer"]) as annexes:
        annexes.dispose(commitment, on=date(2020, 4, 1), by=officer, reason="the retention has ended")
        assert not hasattr(annexes.get(commitment), "content")


def test_the_auditor_reads(urls: dict[str, str]) -> None:
    """The auditor reads events, feed and views, and no paper; and records nothing."""
    with SqlJournal(urls["desk"]) as journal:
        journal.append("seen", examples("seen", 1), expected=0)
    with SqlJournal(urls["auditor"]) as journal:
        assert as_recorded(examples("seen", 1)) == journal.read("seen")
        assert journal.size() == sum(1 for _ in journal.feed())
        with pytest.raises(JournalError, match="lacks a right"):
            journal.append("seen", examples("seen", 1, after=1), expected=1)
    views = run(urls["auditor"], "SELECT viewname FROM pg_views WHERE schemaname = current_schema")
    assert len(views) >= 3
    for (view,) in views:
        run(urls["auditor"], f'SELECT * FROM "{view}"')
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(urls["auditor"], "SELECT * FROM shuroflow_annex")


@pytest.mark.parametrize("role", ["desk", "refresh", "officer", "auditor"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shuroflow_event SET kind = kind",
        "DELETE FROM shuroflow_event",
        "TRUNCATE shuroflow_event",
        "ALTER TABLE shuroflow_event DISABLE TRIGGER ALL",
        "DROP TRIGGER shuroflow_event_append_only ON shuroflow_event",
        "INSERT INTO shuroflow_schema VALUES (99)",
        "DROP TABLE shuroflow_event CASCADE",
        "CREATE TABLE other (x int)",
    ],
)
def test_nobody_but_the_owner(urls: dict[str, str], role: str, statement: str) -> None:
    """No other role changes what was recorded, or the tables."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(urls[role], statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE shuroflow_event SET kind = kind", "DELETE FROM shuroflow_event", "TRUNCATE shuroflow_event"]
)
def test_not_even_the_owner(urls: dict[str, str], statement: str) -> None:
    """The owner is refused by the triggers, as long as they are there."""
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        run(urls["owner"], statement)
