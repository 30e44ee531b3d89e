"""What all tests share: Hypothesis without deadlines, for machines are shared and noisy; a PostgreSQL of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import schema, server

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL that all tests of this process share; see :mod:`tests.postgres`."""
    with server(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """The URL of a schema of this test's own in PostgreSQL; it is empty, and dropped afterwards."""
    with schema(postgres) as url:
        yield url
