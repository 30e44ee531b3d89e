"""What the corrections and withdrawals of an event do to it: which of them are in force, and by which they are not.

It follows :func:`~shuroflow.states.history.effective`, which applies them, and renders nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from shuroflow.events import Event, Withdrawn
from shuroflow.vocabulary import Term


class Effect(Term):
    """What a correction or a withdrawal does to the event it names, by everything that is known."""

    HOLDS = "holds", "有効", "in force"
    PARTLY = "partly", "一部は後の訂正による", "in part replaced by a later correction"
    REPLACED = "replaced", "後の訂正に置き換えられた", "replaced by a later correction"
    WITHDRAWN = "withdrawn", "取消済み", "withdrawn"
    MOOT = "moot", "対象の記録が取消済み", "the event it corrects is withdrawn"
    NOTHING = "nothing", "日付も内容も変えない", "changes nothing: neither a day nor a content"


@attrs.frozen
class Amendment:
    """A correction or withdrawal of an event, and whether it still does what it says.

    ``by`` is the event by which it does not, or not in full; ``None`` where it does, or never said anything.
    """

    event: Event
    effect: Effect
    by: int | None = None


def amendments(events: Iterable[Event]) -> dict[int, list[Event]]:
    """``seq`` of an event → the corrections and withdrawals that name it."""
    found: dict[int, list[Event]] = {}
    for event in events:
        if event.kind in {"corrected", "withdrawn"}:
            found.setdefault(event.data.seq, []).append(event)
    return found


def effects(amending: Sequence[Event], gone: Mapping[int, Event]) -> tuple[Amendment, ...]:
    """Which of the corrections and withdrawals of one event do what they say.

    Corrections of one event add up: a later one takes the place of the day, or of the content, that it states anew, and
    leaves the other as it was.
    """
    found: list[Amendment] = []
    by_part: dict[str, int] = {}
    for event in reversed(amending):
        data = event.data
        if event.seq in gone:
            found.append(Amendment(event, Effect.WITHDRAWN, gone[event.seq].seq))
        elif isinstance(data, Withdrawn):
            found.append(Amendment(event, Effect.HOLDS))
        elif data.seq in gone:
            found.append(Amendment(event, Effect.MOOT, gone[data.seq].seq))
        else:
            stated = [part for part in ("occurred_on", "data") if getattr(data, part) is not None]
            again = [by_part[part] for part in stated if part in by_part]
            if not stated:
                found.append(Amendment(event, Effect.NOTHING))
                continue
            effect = Effect.HOLDS if not again else Effect.PARTLY if len(again) < len(stated) else Effect.REPLACED
            found.append(Amendment(event, effect, max(again, default=None)))
            by_part = dict.fromkeys(stated, event.seq) | by_part
    return tuple(reversed(found))


__all__ = ["Amendment", "Effect", "amendments", "effects"]
