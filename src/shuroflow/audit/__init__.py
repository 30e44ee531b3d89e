"""The audit: replay of case histories, its findings and its reports.

Only the replay is loaded at once; sources, reports and exports when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from shuroflow.audit.replay import CaseReport, replay

if TYPE_CHECKING:
    from shuroflow.audit.export import case_record, error_record, finding_record, write_csv, write_json
    from shuroflow.audit.report import write_text
    from shuroflow.audit.source import Progress, audit, histories, load_plug_ins, source_files
    from shuroflow.audit.summary import Item, Later, Receipt, Summary

_HOME = {
    "Item": "summary",
    "Later": "summary",
    "Progress": "source",
    "Receipt": "summary",
    "Summary": "summary",
    "audit": "source",
    "case_record": "export",
    "error_record": "export",
    "finding_record": "export",
    "histories": "source",
    "load_plug_ins": "source",
    "source_files": "source",
    "write_csv": "export",
    "write_json": "export",
    "write_text": "report",
}

__all__ = [
    "CaseReport",
    "Item",
    "Later",
    "Progress",
    "Receipt",
    "Summary",
    "audit",
    "case_record",
    "error_record",
    "finding_record",
    "histories",
    "load_plug_ins",
    "replay",
    "source_files",
    "write_csv",
    "write_json",
    "write_text",
]


def __getattr__(name: str) -> object:
    """A name of one of the other modules of this room."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
