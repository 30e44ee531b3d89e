"""The audit: replay of case histories, its findings and its reports.

Only the replay is loaded at once; sources, reports and exports when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from shuroflow.audit.replay import CaseReport, replay

if TYPE_CHECKING:
    from shuroflow.audit.comparison.difference import Aspect, Change, Conditions, Difference, StepDifference, compare
    from shuroflow.audit.explanation import Explanation, explain
    from shuroflow.audit.export import case_record, error_record, finding_record, write_csv, write_json, write_receipt
    from shuroflow.audit.page import Proof, write_html
    from shuroflow.audit.pool import process_pool
    from shuroflow.audit.receipt import Receipt
    from shuroflow.audit.report import write_text
    from shuroflow.audit.source import Compared, Held, Progress, audit, differences, histories, load_plug_ins
    from shuroflow.audit.spool import Spool
    from shuroflow.audit.stores import source_files
    from shuroflow.audit.summary import Absence, Item, Later, Summary

_HOME = {
    "Absence": "summary",
    "Aspect": "comparison.difference",
    "Change": "comparison.difference",
    "Compared": "source",
    "Conditions": "comparison.difference",
    "Difference": "comparison.difference",
    "Explanation": "explanation",
    "Held": "source",
    "Item": "summary",
    "Later": "summary",
    "Progress": "source",
    "Proof": "page",
    "Receipt": "receipt",
    "Spool": "spool",
    "StepDifference": "comparison.difference",
    "Summary": "summary",
    "audit": "source",
    "case_record": "export",
    "compare": "comparison.difference",
    "differences": "source",
    "error_record": "export",
    "explain": "explanation",
    "finding_record": "export",
    "histories": "source",
    "load_plug_ins": "source",
    "process_pool": "pool",
    "source_files": "stores",
    "write_csv": "export",
    "write_html": "page",
    "write_json": "export",
    "write_receipt": "export",
    "write_text": "report",
}

__all__ = [
    "Absence",
    "Aspect",
    "CaseReport",
    "Change",
    "Compared",
    "Conditions",
    "Difference",
    "Explanation",
    "Held",
    "Item",
    "Later",
    "Progress",
    "Proof",
    "Receipt",
    "Spool",
    "StepDifference",
    "Summary",
    "audit",
    "case_record",
    "compare",
    "differences",
    "error_record",
    "explain",
    "finding_record",
    "histories",
    "load_plug_ins",
    "process_pool",
    "replay",
    "source_files",
    "write_csv",
    "write_html",
    "write_json",
    "write_receipt",
    "write_text",
]


def __getattr__(name: str) -> object:
    """A name of one of the other modules of this room."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
