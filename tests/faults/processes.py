"""Processes that begin quickly: they are forked from one that has loaded what they need."""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing import forkserver

LOADED = (
    "shuroflow.verification.journals.campaign",
    "shuroflow.verification.journals.killing",
    "shuroflow.storage.sql",
    "shuroflow.seal",
    "shuroflow.simulation.caseload",
    "psycopg",
)


def ready() -> None:
    """Start the process from which others are forked, unless it runs already; only Linux does that safely."""
    if sys.platform == "linux":
        multiprocessing.get_context("forkserver").set_forkserver_preload(list(LOADED))
        forkserver.ensure_running()


__all__ = ["ready"]
