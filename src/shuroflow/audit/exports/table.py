"""The events of a log as a CSV table, a row for each event: for a spreadsheet, or a tool that reads nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TextIO

from shuroflow.audit.export import BOM, cell
from shuroflow.audit.exports.log import OF_EVENT, CaseLog, Exported, Logged, attributes
from shuroflow.events.structure import unstructure
from shuroflow.vocabulary import Lang

EVENT_COLUMNS = ("case_id", "event", "recorded_at", *(key for key, _ in OF_EVENT), "data")
"""The columns of the table of events; ``data`` is the payload as JSON."""


def write_event_csv(items: Iterable[Logged], out: TextIO, *, lang: Lang = "ja") -> Exported:
    """Write the table while the log is read: UTF-8 with a byte order mark, CRLF, days as ``YYYY-MM-DD``.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, as in the CSV report of an audit.
    ``out`` must not translate line ends.
    """
    done = Exported()
    out.write(BOM)
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(EVENT_COLUMNS)
    for item in items:
        done.count(item)
        if not isinstance(item, CaseLog):
            continue
        for step in item.steps:
            event = step.event
            row: dict[str, Any] = {key: value for key, _, value in attributes(step, lang=lang)}
            row |= {
                "case_id": event.case_id,
                "event": event.kind,
                "recorded_at": event.recorded_at,
                "occurred_on": event.occurred_on,
                "data": json.dumps(unstructure(event.data), ensure_ascii=False),
            }
            table.writerow([cell(_shown(row.get(name))) for name in EVENT_COLUMNS])
    return done


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


__all__ = ["EVENT_COLUMNS", "write_event_csv"]
