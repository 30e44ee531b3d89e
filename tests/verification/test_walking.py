"""Side by side along one case: the record comes back as it was sent, and an answer that is none is a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest

from shuroflow.events import Actor, Event
from shuroflow.states import Office
from shuroflow.verification.compliance import Difference, Script, tried
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Answer, DeskDriver, OpenDuty, Standing
from shuroflow.vocabulary import Role

OFFICE = Office()
HISTORY = tuple(attrs.evolve(event, note=f"控え{event.seq}") for event in Corpus.of("saitama").histories[8])


def apart(**told: Callable[[Any], object]) -> Difference | None:
    """Where a desk parts from the judge of whose answers some are told as something else."""

    def method(name: str, other: Callable[[Any], object]) -> Callable[..., object]:
        return lambda self, *question: other(getattr(DeskDriver, name)(self, *question))

    made = type("Other", (DeskDriver,), {name: method(name, other) for name, other in told.items()})
    return tried(made(), Script(HISTORY, 0), OFFICE)


def test_a_record_with_notes_that_is_as_it_was_sent() -> None:
    """The desk keeps all of it; so is it a record that comes as a generator, of moments told in another zone."""

    def lazy(events: list[Event]) -> Iterator[Event]:
        return (attrs.evolve(event, recorded_at=event.recorded_at.astimezone(UTC)) for event in events)

    assert apart() is None
    assert apart(history=lazy) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case_id", "another"),
        ("programme", "tsushima"),
        ("occurred_on", date(2024, 1, 1)),
        ("recorded_at", datetime(2024, 1, 1, tzinfo=UTC)),
        ("recorded_by", Actor("cw-99", Role.CASEWORKER)),
        ("note", None),
        ("note", "控え"),
    ],
)
def test_a_record_that_reads_otherwise(field: str, value: object) -> None:
    """Every field that was sent is compared, and the one that differs is told alone."""
    found = apart(history=lambda events: [attrs.evolve(event, **{field: value}) for event in events])

    assert found is not None
    assert "history" == found.what
    assert found.found.startswith(f"event 1 reads {field} {value!r}, was sent as {field} ")


def test_a_long_text_is_told_where_it_parts() -> None:
    """Not the whole of it, but the place."""
    text = "あ" * 5_000 + "、" + "い" * 5_000
    first = attrs.evolve(HISTORY[0], note=text)

    class Rewrites(DeskDriver):
        def history(self, case_id: str) -> list[Event]:
            return [attrs.evolve(event, note=text.replace("、", "。")) for event in super().history(case_id)]

    found = tried(Rewrites(), Script((first,), 0), OFFICE)

    assert found is not None
    assert "あ。い" in found.found
    assert "あ、い" in found.found
    assert len(found.found) < 1_000


def broken(events: list[Event]) -> Iterator[Event]:
    """A series that falls over while it is read."""
    yield from events[:1]
    raise OSError("connection lost")


@pytest.mark.parametrize(
    ("method", "other", "said"),
    [
        ("record", lambda _: None, "answered None, which is not an Answer"),
        ("record", lambda _: True, "answered True, which is not an Answer"),
        (
            "record",
            lambda _: Answer(1),
            "answered Answer(accepted=1, clauses=(), message=''), which is not an Answer of",
        ),
        ("record", lambda _: Answer(False, "4(1)"), "which is not an Answer of True or False, a tuple of clauses"),
        ("record", lambda _: Answer(True, (), None), "which is not an Answer of True or False, a tuple of clauses"),
        ("history", lambda _: None, "answered None, which is not a series of events"),
        ("history", lambda _: "none", "answered 'none', which is not a series of events"),
        (
            "history",
            lambda events: [{"seq": event.seq} for event in events],
            "answered {'seq': 1}, which is not one of",
        ),
        ("history", broken, "OSError: connection lost"),
        ("standing", lambda _: None, "answered None, which is not a Standing"),
        ("standing", lambda _: Standing(None), "which is not a Standing of the code of a state"),
        ("standing", lambda _: Standing("candidate", "2025"), "which is not a Standing of the code of a state"),
        ("standing", lambda _: Standing("candidate", (HISTORY[0].occurred_on,)), "which is not a Standing of the code"),
        ("duties", lambda _: None, "answered None, which is not a series of open duties"),
        ("duties", lambda _: ["4(3)"], "answered '4(3)', which is not one of the open duties"),
        ("duties", lambda _: [OpenDuty("4(3)", "2025-04-01")], "which is not an OpenDuty of a clause, a day or None"),
        ("duties", lambda _: [OpenDuty(["4(3)"])], "which is not an OpenDuty of a clause, a day or None"),
    ],
)
def test_an_answer_that_is_none(method: str, other: Callable[[Any], object], said: str) -> None:
    """It is a difference as an exception is, told with what came."""
    found = apart(**{method: other})

    assert found is not None
    assert "fails" == found.what
    assert said in found.found


def test_no_answer_about_a_case_that_was_refused() -> None:
    """Asked for the trace of a case of which nothing was taken, too."""

    class Nothing(DeskDriver):
        def history(self, case_id: str) -> Any:
            return super().history(case_id) or None

    found = tried(Nothing(), Script(HISTORY[1:2], 0), OFFICE)

    assert found is not None
    assert ("fails", 1) == (found.what, len(found.history))
