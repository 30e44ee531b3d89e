"""Exports of other systems, read from CSV files under a mapping, into events.

A mapping says in TOML which column means what (:mod:`~shuroflow.importing.mapping`). Cells become values by the type
of their field (:mod:`~shuroflow.importing.values`), rows become events (:mod:`~shuroflow.importing.events`), and what
could not be mapped is listed by file, line and column. Nothing is guessed, replaced or left out silently.
"""

from __future__ import annotations

from shuroflow.importing.faults import Fault, Kind
from shuroflow.importing.mapping import Mapping, example
from shuroflow.importing.mappingfile import parse_mapping
from shuroflow.importing.reading import Imported, read
from shuroflow.importing.writing import write, write_rejects

__all__ = ["Fault", "Imported", "Kind", "Mapping", "example", "parse_mapping", "read", "write", "write_rejects"]
