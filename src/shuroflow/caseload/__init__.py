"""The live desk: open a case, record what happened, ask what may come next, what is due and how a case stands."""

from __future__ import annotations

from shuroflow.caseload.desk import Caseload, Clock, Entry, Recorded
from shuroflow.caseload.standing import Due, Option, Standing

__all__ = ["Caseload", "Clock", "Due", "Entry", "Option", "Recorded", "Standing"]
