"""Employment-support cases (就労支援ケース) as explicit state machines: recorded live, kept, replayed by an auditor."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from shuroflow.audit.replay import CaseReport, replay
from shuroflow.caseload import Caseload, Due, Entry, Option, Recorded, Standing
from shuroflow.errors import (
    CaseExists,
    CaseNotFound,
    Conflict,
    Damaged,
    DuplicateKey,
    InputError,
    JournalError,
    MissingFigure,
    OutputTaken,
    Refused,
    Retained,
    SameCaseNumber,
    ShuroflowError,
    Unavailable,
    UnknownEdition,
    UnknownEvent,
    UnknownProgramme,
    Unresumable,
    UnusableOffice,
    Vetoed,
)
from shuroflow.events import Actor, Corrected, Event, Meeting, Withdrawn
from shuroflow.states import Edition, Finding, Judgement, Office, Programme, Rule, Settings, programme, programme_codes
from shuroflow.storage import open_journal
from shuroflow.storage.journal import Appended, Journal, Record
from shuroflow.storage.jsonl import JsonlJournal
from shuroflow.storage.memory import MemoryJournal
from shuroflow.vocabulary import Basis, Role, Severity, State

if TYPE_CHECKING:
    from shuroflow.events import saitama, tsushima

__version__ = "0.1.0"

__all__ = [
    "Actor",
    "Appended",
    "Basis",
    "CaseExists",
    "CaseNotFound",
    "CaseReport",
    "Caseload",
    "Conflict",
    "Corrected",
    "Damaged",
    "Due",
    "DuplicateKey",
    "Edition",
    "Entry",
    "Event",
    "Finding",
    "InputError",
    "Journal",
    "JournalError",
    "JsonlJournal",
    "Judgement",
    "Meeting",
    "MemoryJournal",
    "MissingFigure",
    "Office",
    "Option",
    "OutputTaken",
    "Programme",
    "Record",
    "Recorded",
    "Refused",
    "Retained",
    "Role",
    "Rule",
    "SameCaseNumber",
    "Settings",
    "Severity",
    "ShuroflowError",
    "Standing",
    "State",
    "Unavailable",
    "UnknownEdition",
    "UnknownEvent",
    "UnknownProgramme",
    "Unresumable",
    "UnusableOffice",
    "Vetoed",
    "Withdrawn",
    "__version__",
    "open_journal",
    "programme",
    "programme_codes",
    "replay",
    "saitama",
    "tsushima",
]


def __getattr__(name: str) -> object:
    """The events of a programme, imported when they are first asked for."""
    if name in {"saitama", "tsushima"}:
        return import_module(f"shuroflow.events.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
