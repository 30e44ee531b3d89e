"""What cannot be asked is answered: ids that cannot exist, numbers beyond all, sources that lead nowhere."""

from __future__ import annotations

import logging
from datetime import date

import pytest
import sqlalchemy as sa

from shuroflow.errors import InputError, Unavailable
from shuroflow.projection import refresh
from shuroflow.states import Office
from shuroflow.storage import open_journal
from shuroflow.storage.sql import SqlJournal
from shuroflow.verification import examples
from tests.postgres import connect


@pytest.mark.parametrize("case_id", ["\ud800", "a\x00b", ""])
def test_an_id_that_cannot_exist(url: str, case_id: str) -> None:
    """It has no events, whatever the database thinks of such a text, on either kind of connection."""
    engine = sa.create_engine(url)
    with SqlJournal(url, create=True) as own, engine.connect() as host:
        for journal in (own, SqlJournal(host)):
            assert ([], 0) == (journal.read(case_id), journal.version(case_id))
            assert [] == journal.read(case_id, after=1)
    engine.dispose()


@pytest.mark.parametrize("after", [2**63 - 1, 2**63, 2**70])
def test_after_beyond_every_number(url: str, after: int) -> None:
    """There is nothing beyond a number that no row can have."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 2), expected=0)
        assert ([], []) == (journal.read("one", after=after), list(journal.feed(after=after)))


def test_a_port_that_is_no_number() -> None:
    """It is an error of the caller; what stands there may be a piece of a password and is not repeated."""
    with pytest.raises(InputError, match="port") as caught:
        open_journal("postgresql+psycopg://user:pa@h:secret/db")
    assert "secret" not in str(caught.value)


def test_refresh_of_what_may_only_be_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite: what SQLAlchemy wraps is told in our terms as well."""
    path = tmp_path_factory.mktemp("db") / "cases.db"
    with SqlJournal(f"sqlite:///{path}", create=True) as journal:
        journal.append("one", examples("one", 1), expected=0)
    with (
        SqlJournal(f"sqlite:///file:{path}?mode=ro&uri=true") as journal,
        pytest.raises(Unavailable, match="cannot be written"),
    ):
        refresh(journal, as_of=date(2025, 4, 3), office=Office())


def test_a_lost_connection_prints_nothing(postgres_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """PostgreSQL: the loss is told once, in our terms, and not by the pool as well."""
    with SqlJournal(postgres_url, create=True) as journal, caplog.at_level(logging.ERROR):
        pid = journal._door.link._raw.info.backend_pid  # type: ignore[union-attr]
        with connect(postgres_url) as db:
            db.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
        with pytest.raises(Unavailable, match="lost"):
            journal.read("one")
        assert [] == journal.read("one")
    assert [] == caplog.records
