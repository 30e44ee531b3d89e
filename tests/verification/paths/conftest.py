"""Makes a programme visible for the length of one test, whole or with a planted defect."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from shuroflow import states
from shuroflow.events import envelope
from shuroflow.states import Programme, programme
from shuroflow.verification.corpus import _shipped
from tests.verification.paths import seats

Install = Callable[[Programme], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a programme in the place of the one of its code."""
    kinds = {envelope.event_name(cls): cls for cls in (*seats.KINDS, envelope.Corrected, envelope.Withdrawn)}
    monkeypatch.setitem(envelope._KINDS, seats.CODE, kinds)

    def installed(made: Programme) -> None:
        module = ModuleType(f"planted_{made.code}")
        module.programme = lambda: made  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(states.BUILT_IN, made.code, module.__name__)
        programme.cache_clear()
        _shipped.cache_clear()

    yield installed
    programme.cache_clear()
    _shipped.cache_clear()
