"""The versions of the tables: making them, and bringing those of an earlier release up to date.

Each version is reached from the one before by one step, all or nothing. Reading needs no step: a journal reads the
tables of every earlier version. Recording needs the present one, and nothing migrates by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from shuroflow.errors import Unavailable
from shuroflow.storage.sql import triggers
from shuroflow.storage.sql.link import Link
from shuroflow.storage.sql.opening import link_to
from shuroflow.storage.sql.tables import SCHEMA_VERSION, metadata, schema_table

if TYPE_CHECKING:
    import sqlalchemy as sa

    from shuroflow.storage.sql.opening import Source


def _second(connection: sa.Connection) -> None:
    """Append-only by triggers; the read model and the annexes beside the events."""
    metadata.create_all(connection)
    triggers.put_on(connection)


STEPS: dict[int, Callable[[sa.Connection], None]] = {2: _second}
"""Version → what makes it out of the one before."""


def found_version(link: Link) -> int | None:
    """The version of the tables that are there; none if there is no journal.

    Raises:
        Unavailable: if the database cannot hold every text.
    """
    present, *encodings = link.rows(link.sql.present)[0]
    if {*encodings} != {"UTF8"}:
        said = f"the database keeps or sends its texts as {' and '.join(dict.fromkeys(encodings))}, not as UTF-8; "
        raise Unavailable(said + "names would be lost: use a database with the encoding UTF8", where=link.where)
    if not present:
        return None
    found: int | None = link.rows(link.sql.schema)[0][0]
    return found


def known(version: int | None, *, where: str) -> int:
    """The version, if this release can read it.

    Raises:
        Unavailable: if there is none, or a later one than this release knows.
    """
    if version is None:
        raise Unavailable(
            "holds no journal; create one there (`install` in a migration of the host), or check the path", where=where
        )
    if version > SCHEMA_VERSION:
        said = f"its tables are of version {version}, this release knows {SCHEMA_VERSION}; use a newer shuroflow"
        raise Unavailable(said, where=where)
    return version


def recordable(version: int | None, *, where: str) -> None:
    """Nothing, if this release can record in tables of the version.

    Raises:
        Unavailable: if they are not of the present version.
    """
    if known(version, where=where) < SCHEMA_VERSION:
        said = f"its tables are of version {version}: they can be read; to record, bring them to {SCHEMA_VERSION} first"
        raise Unavailable(f"{said}, with `shuroflow migrate {where}` or migrate() of this package", where=where)


def make(link: Link) -> None:
    """Make the tables where there are none; several processes may do so at once. Older ones stay as they are."""
    with link.writing(link.sql.lock_schema):
        if found_version(link) is None:
            _second(link.connection)
            if found_version(link) is None:
                link.connection.execute(schema_table.insert().values(version=SCHEMA_VERSION))


def install(source: Source) -> None:
    """Make the tables of a journal where there are none, with all that belongs to them.

    ``source``: as for :class:`~shuroflow.storage.sql.SqlJournal`. On a connection of the host, such as the one of an
    Alembic migration, it is done in the host's transaction.
    """
    with closing(link_to(source, create=True, busy_timeout=10.0)) as link:
        try:
            make(link)
        except Exception as error:
            raise link.translated(error) from None


def migrate(source: Source, progress: Callable[[int, int], None] | None = None) -> tuple[int, int]:
    """Bring the tables of a journal to the present version, step by step, each all or nothing.

    Args:
        source: as for :class:`~shuroflow.storage.sql.SqlJournal`. On a connection of the host it is done in the host's
            transaction.
        progress: told after each step how many are done, and of how many.

    Returns:
        The version that was found and the one that was reached; the same one twice if there was nothing to do.

    Raises:
        Unavailable: if there is no journal, or one of a later version.
    """
    with closing(link_to(source, create=False, busy_timeout=10.0)) as link:
        try:
            first = version = known(found_version(link), where=link.where)
            while version < SCHEMA_VERSION:
                with link.writing(link.sql.lock_schema):
                    version = known(found_version(link), where=link.where)  # another process may have been faster
                    if version < SCHEMA_VERSION:
                        version += 1
                        STEPS[version](link.connection)
                        link.connection.execute(schema_table.insert().values(version=version))
                if progress is not None:
                    progress(version - first, SCHEMA_VERSION - first)
        except Exception as error:
            raise link.translated(error) from None
    return first, version


__all__ = ["STEPS", "found_version", "install", "known", "make", "migrate", "recordable"]
