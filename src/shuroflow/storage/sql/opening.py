"""From what a host names as its database to the way there."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine.mock import MockConnection
from sqlalchemy.pool import NullPool, StaticPool

from shuroflow.errors import InputError, JournalError, Unavailable, installing
from shuroflow.storage.sql.host import HostLink, connection_of, unusable
from shuroflow.storage.sql.link import Link
from shuroflow.storage.sql.postgresql import PostgresqlLink, translated
from shuroflow.storage.sql.sqlite import SqliteLink, in_memory
from shuroflow.storage.sql.sqlite import translated as translated_sqlite

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    Source = str | sa.Engine | sa.Connection | Session

_KNOWN = "use sqlite:///path.db or postgresql+psycopg://host/database"


def link_to(source: Source, *, create: bool, busy_timeout: float) -> Link:
    """The way to the database of a URL or an engine, over a connection of our own; or through one of the host's.

    Raises:
        InputError: if the URL is none, names another kind of database, or its driver is not installed.
        Unavailable: if the database is missing or cannot be reached.
        Damaged: if a file is no database or is broken.
    """
    if not isinstance(source, str | sa.Engine):
        return _host(source)
    engine = source if isinstance(source, sa.Engine) else _engine(source)
    where = engine.url.render_as_string(hide_password=True)
    _check_dialect(engine.dialect, where)
    lonely = engine.dialect.name == "sqlite" and in_memory(engine.url) and engine.url.query.get("cache") != "shared"
    if engine is source and lonely:
        said = "an engine whose database is in memory has one connection, which a journal would take for itself"
        raise InputError(f"{where}: {said}; pass an open connection or a session of it instead")
    try:
        if engine.dialect.name == "sqlite":
            return SqliteLink(engine, where=where, create=create, busy_timeout=busy_timeout)
        if engine.dialect.driver != "psycopg":
            said = f"the driver {engine.dialect.driver} is not known here; use postgresql+psycopg://, or hand in an "
            raise InputError(f"{where}: {said}open connection")
        return PostgresqlLink(engine, where=where, busy_timeout=busy_timeout)
    except JournalError:
        raise
    except sa.exc.TimeoutError as error:
        raise Unavailable(f"the engine has no connection left: {error}", where=where) from None
    except sa.exc.DBAPIError as error:
        inner: BaseException = error.orig or error
    except (engine.dialect.loaded_dbapi.Error, UnicodeDecodeError) as error:
        inner = error
    raise (translated_sqlite if engine.dialect.name == "sqlite" else translated)(inner, where=where)


def _host(source: sa.Connection | Session) -> Link:
    try:
        connection = connection_of(source)
    except (sa.exc.UnboundExecutionError, AttributeError, TypeError):
        said = "expected a URL, an engine, an open connection or a session that is bound to one"
        mock = isinstance(source, MockConnection)
        offline = "; Alembic has none while it only writes a script (--sql): run it online" if mock else ""
        raise InputError(f"{said}, got {type(source).__name__}{offline}") from None
    except sa.exc.SQLAlchemyError as error:
        raise unusable(error, where=type(source).__name__) from None
    where = connection.engine.url.render_as_string(hide_password=True)
    _check_dialect(connection.dialect, where)
    return HostLink(source, dialect=connection.dialect.name, where=where)


def _check_dialect(dialect: sa.Dialect, where: str) -> None:
    if dialect.name not in {"sqlite", "postgresql"}:
        raise InputError(f"{where}: a journal in SQL is kept in SQLite or PostgreSQL; {_KNOWN}")


def _engine(url: str) -> sa.Engine:
    try:
        made = _url(url)
        if made.get_backend_name() == "postgresql":
            if made.drivername == "postgresql":
                made = made.set(drivername="postgresql+psycopg")
            return sa.create_engine(made, poolclass=NullPool)
        if made.get_backend_name() != "sqlite":
            raise InputError(f"{made.render_as_string()}: a journal in SQL is kept in SQLite or PostgreSQL; {_KNOWN}")
        _check_query(made)
        if in_memory(made):  # one connection for all threads: another would see another, empty database
            return sa.create_engine(made, poolclass=StaticPool, connect_args={"check_same_thread": False})
        if _sealed_off(made):
            return sa.create_engine(made, poolclass=NullPool, creator=lambda: _as_it_is(made))
        return sa.create_engine(made, poolclass=NullPool, connect_args={"check_same_thread": False})
    except ModuleNotFoundError as error:
        if error.name == "psycopg":
            said = f"PostgreSQL needs the extra `postgresql`: {installing('postgresql')}"
            raise InputError(f"{made.render_as_string()}: {said}") from None
        raise _no_url(url, error) from None
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        raise _no_url(url, error) from None


_QUERY = frozenset({"cache", "immutable", "mode", "modeof", "nolock", "psow", "timeout", "uri", "vfs"})
"""What may stand behind the question mark of a SQLite URL whose database is a ``file:`` name."""


def _check_query(url: sa.URL) -> None:
    known = _QUERY if (url.database or "").startswith("file:") else {"timeout"}
    unknown = sorted(set(url.query) - known)
    if unknown:
        said = f"unknown option {unknown[0]!r}; to open read-only, write sqlite:///file:PATH?mode=ro&uri=true"
        raise InputError(f"{url.render_as_string()}: {said}")


def _sealed_off(url: sa.URL) -> bool:
    """Is it a file that nobody here may write, in a folder where nobody may write either: a copy on a read-only disk?

    SQLite would make its own files beside a database with a write-ahead log, and cannot.
    """
    path = Path(url.database or "")
    if url.query or not path.is_file() or os.access(path, os.W_OK) or os.access(path.parent, os.W_OK):
        return False
    log = path.with_name(path.name + "-wal")
    return not log.exists() or log.stat().st_size == 0


def _as_it_is(url: sa.URL) -> sqlite3.Connection:
    """A connection to a file that does not change while it is read."""
    file = Path(url.database or "").absolute().as_uri()
    return sqlite3.connect(f"{file}?immutable=1", uri=True, check_same_thread=False)


def _url(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except ValueError:  # what is in the place of the port may be a piece of the password, and is not repeated
        raise InputError(f"{url.partition('://')[0]}://…: no database URL: its port is no number") from None


def _no_url(url: str, error: Exception) -> InputError:
    return InputError(f"{url.partition('://')[0]}://…: no database URL that can be used ({error})")


__all__ = ["link_to"]
