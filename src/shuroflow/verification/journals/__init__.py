"""The conformance kit: what every journal promises, as tests for whoever writes an adapter.

:class:`JournalPromises` has a named test for each promise of the port, :func:`machine` compares a journal with a
dictionary under random use, :func:`concurrency` and :func:`kill9` are campaigns that also run without pytest.
Needs the extra ``verification`` (hypothesis and pytest); nothing else of the library imports it.
"""

from __future__ import annotations

try:
    import hypothesis as hypothesis
    import pytest
except ModuleNotFoundError as error:
    if error.name not in {"hypothesis", "pytest"}:
        raise
    from shuroflow.errors import installing

    said = f"shuroflow.verification needs {error.name}: {installing('verification')}"
    raise ModuleNotFoundError(said, name=error.name) from None

# Before they are imported, so that a broken promise is reported with the values that were seen.
pytest.register_assert_rewrite(
    *(f"{__name__}.{name}" for name in ("appending", "lasting", "loading", "machine", "reading", "sharing"))
)

from shuroflow.verification.journals.campaign import Concurrency, concurrency, throng  # noqa: E402
from shuroflow.verification.journals.events import any_event, events, example, examples  # noqa: E402
from shuroflow.verification.journals.journal import JournalPromises  # noqa: E402
from shuroflow.verification.journals.killing import Kills, kill9  # noqa: E402
from shuroflow.verification.journals.machine import machine  # noqa: E402
from shuroflow.verification.journals.oracle import as_recorded, body_of, link_to  # noqa: E402
from shuroflow.verification.journals.processes import Opener, Progress  # noqa: E402

__all__ = [
    "Concurrency",
    "JournalPromises",
    "Kills",
    "Opener",
    "Progress",
    "any_event",
    "as_recorded",
    "body_of",
    "concurrency",
    "events",
    "example",
    "examples",
    "kill9",
    "link_to",
    "machine",
    "throng",
]
