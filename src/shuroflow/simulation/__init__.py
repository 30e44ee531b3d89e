"""Synthetic caseloads: seeded, realistic, compliant or with one planted fault each, and the truth beside them."""

from shuroflow.simulation.caseload import caseload, read_truth, write
from shuroflow.simulation.plan import Expected, Truth

__all__ = ["Expected", "Truth", "caseload", "read_truth", "write"]
