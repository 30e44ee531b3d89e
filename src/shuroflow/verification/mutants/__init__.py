"""Rule mutants: the rules themselves are changed, one at a time, and a suite has to notice.

A suite that condemns every wrong rulebook that is near to the right one says something when it is content. Two kinds
are known: tests for pytest, which *condemn* a mutant by what their author knows; and the kit's own histories, which
only *tell it apart* from the rules, for their answers are the judge's.
"""

from __future__ import annotations

from shuroflow.verification.mutants.catalogue import gather, mutants_of
from shuroflow.verification.mutants.checks import Check, HistorySuite, Session, Suite
from shuroflow.verification.mutants.mutant import Mutant, Operator
from shuroflow.verification.mutants.pytests import PytestSuite
from shuroflow.verification.mutants.report import Report, check_names, read_equivalents
from shuroflow.verification.mutants.running import Outcome, Progress, Result, run
from shuroflow.verification.mutants.scope import Scope

__all__ = [
    "Check",
    "HistorySuite",
    "Mutant",
    "Operator",
    "Outcome",
    "Progress",
    "PytestSuite",
    "Report",
    "Result",
    "Scope",
    "Session",
    "Suite",
    "check_names",
    "gather",
    "mutants_of",
    "read_equivalents",
    "run",
]
