"""Events: the envelope, and one attrs class for each kind of event of each programme.

The payload classes stand in :mod:`shuroflow.events.saitama` and :mod:`shuroflow.events.tsushima`; a
programme's classes are imported when it is first used, those of a plug-in by its entry point.
"""

from shuroflow.events.envelope import (
    SCHEMA,
    Actor,
    Corrected,
    Count,
    Event,
    Id,
    Meeting,
    Term,
    Text,
    Withdrawn,
    Yen,
    about,
    event_name,
    evolve,
    kinds_of,
    part,
    payload,
    payload_class,
    programme_codes,
    register_kinds,
)

__all__ = [
    "SCHEMA",
    "Actor",
    "Corrected",
    "Count",
    "Event",
    "Id",
    "Meeting",
    "Term",
    "Text",
    "Withdrawn",
    "Yen",
    "about",
    "event_name",
    "evolve",
    "kinds_of",
    "part",
    "payload",
    "payload_class",
    "programme_codes",
    "register_kinds",
]
