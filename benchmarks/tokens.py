"""Run by pm4py's own interpreter: token-based replay of a CSV file, whenever it is asked to. Imports nothing of ours.

Called with a CSV file of the columns ``case``, ``event`` and ``time``. The model is discovered once, before anything is
measured. Then each line on standard input asks for one reading of the file and one replay; the answer is a line with
the number of cases and of those that fit.
"""

import sys
import warnings

warnings.simplefilter("ignore")

import pandas  # noqa: E402
import pm4py  # noqa: E402


def read():
    """The log, as pm4py wants it."""
    table = pandas.read_csv(sys.argv[1])
    return pm4py.format_dataframe(table, case_id="case", activity_key="event", timestamp_key="time")


net, start, end = pm4py.discover_petri_net_inductive(read())
print("ready", flush=True)
for _ in sys.stdin:
    found = pm4py.conformance_diagnostics_token_based_replay(read(), net, start, end)
    print(len(found), sum(case["trace_is_fit"] for case in found), flush=True)
