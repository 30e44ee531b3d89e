"""A host's Alembic adopts the tables: nothing to add to a database made by us, and its scripts make and migrate it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata, produce_migrations
from alembic.config import Config
from alembic.operations.ops import DropTableOp
from alembic.runtime.migration import MigrationContext

from shuroflow.errors import InputError
from shuroflow.storage.sql import SqlJournal, install, metadata, migrate
from shuroflow.verification import examples
from tests.storage.sql.databases import run
from tests.storage.sql.test_migrations import released

ENV = """
import sqlalchemy as sa
from alembic import context
from shuroflow.storage.sql import metadata

own = sa.MetaData()
sa.Table("host_form", own, sa.Column("id", sa.Integer, primary_key=True))
host = context.config.attributes["host"]
context.configure(connection=host, target_metadata=[own, metadata], compare_type=True, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
"""

SCRIPT = """
from alembic import op
import sqlalchemy as sa
from shuroflow.storage.sql import install, metadata, migrate

revision, down_revision = "1", None

def upgrade():
    op.create_table("host_form", sa.Column("id", sa.Integer, primary_key=True))
    {}(op.get_bind())
"""


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """A connection of the host."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as host:
            yield host
    finally:
        engine.dispose()


def scripts(folder: Path, host: sa.Connection, call: str) -> Config:
    """A folder of Alembic with one script that makes a table of the host's and calls that."""
    (folder / "alembic" / "versions").mkdir(parents=True)
    (folder / "alembic" / "env.py").write_text(ENV)
    (folder / "alembic" / "script.py.mako").write_text("${upgrades if upgrades else 'pass'}")
    (folder / "alembic" / "versions" / "1_journal.py").write_text(SCRIPT.format(call))
    config = Config()
    config.set_main_option("script_location", str(folder / "alembic"))
    config.set_main_option("path_separator", "os")
    config.attributes["host"] = host
    return config


@pytest.mark.parametrize("make", [install, metadata.create_all])
def test_nothing_to_add(url: str, make: object) -> None:
    """Alembic finds no difference between the database made by us and the metadata: types, keys, indexes, comments."""
    engine = sa.create_engine(url)
    make(engine)  # type: ignore[operator]
    with engine.connect() as host:
        context = MigrationContext.configure(host, opts={"compare_type": True, "compare_server_default": True})
        assert [] == compare_metadata(context, metadata)
    engine.dispose()


def test_nothing_to_add_after_a_migration(tmp_path: Path) -> None:
    """The same for a database that an earlier release made and that was migrated."""
    url = released(tmp_path)
    migrate(url)
    with connected(url) as host:
        context = MigrationContext.configure(host, opts={"compare_type": True})
        assert [] == compare_metadata(context, metadata)


@pytest.mark.parametrize("call", ["install", "metadata.create_all"])
def test_a_script_of_the_host(url: str, tmp_path: Path, call: str) -> None:
    """A script of the host's Alembic makes the tables in its own transaction, triggers and version with them."""
    with connected(url) as host:
        config = scripts(tmp_path, host, call)
        command.upgrade(config, "head")
        host.commit()
        command.check(config)
        assert 1 == SqlJournal(host).append("one", examples("one", 1), expected=0).version
        host.commit()
        with pytest.raises(sa.exc.IntegrityError, match="append-only"):
            host.execute(sa.text("DELETE FROM shuroflow_event"))


@pytest.mark.parametrize("call", ["install", "migrate"])
def test_a_script_that_is_only_written_out(url: str, tmp_path: Path, call: str) -> None:
    """``--sql`` runs without a database, at which both must look: that is said, and nothing is made."""
    with connected(url) as host:
        with pytest.raises(InputError, match=r"--sql\): run it online"):
            command.upgrade(scripts(tmp_path, host, call), "head", sql=True)
        assert [] == sa.inspect(host).get_table_names()


def test_what_a_downgrade_would_do(url: str) -> None:
    """What autogenerate writes for the way back drops the tables, and no trigger stands in its way."""
    with connected(url) as host:
        install(host)
        SqlJournal(host).append("one", examples("one", 1), expected=0)
        host.commit()
        found = produce_migrations(MigrationContext.configure(host), sa.MetaData()).upgrade_ops
        assert found is not None
        dropped = [op.table_name for op in found.ops if isinstance(op, DropTableOp)]
        assert set(metadata.tables) == set(dropped)


def test_a_script_that_is_rolled_back(url: str, tmp_path: Path) -> None:
    """What the script made is gone with the host's transaction."""
    with connected(url) as host:
        before = host.begin()
        if url.startswith("sqlite"):
            host.exec_driver_sql("BEGIN")  # the driver begins none for DDL
        command.upgrade(scripts(tmp_path, host, "install"), "head")
        before.rollback()
        assert not {"host_form", "shuroflow_event"} & set(sa.inspect(host).get_table_names())


def test_a_script_that_migrates(tmp_path: Path) -> None:
    """A later script of the host brings the tables of an earlier release up to date."""
    url = released(tmp_path)
    with connected(url) as host:
        command.upgrade(scripts(tmp_path, host, "migrate"), "head")
        host.commit()
    assert [(1,), (2,)] == run(url, "SELECT version FROM shuroflow_schema ORDER BY version")
