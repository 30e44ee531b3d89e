"""Run by pm4py's own interpreter: what pm4py finds in event logs, as JSON on standard output. Imports nothing of ours.

Called with the names of logs without their suffixes; of each it reads ``.xes``, ``.json`` and ``.sqlite``.
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")

import pm4py  # noqa: E402
from pm4py.objects.ocel.validation import ocel20_rel_validation  # noqa: E402


def cases(path, variant):
    """Cases in the order of the log, each with its events in order."""
    log = pm4py.read_xes(path, variant=variant) if variant else pm4py.read_xes(path)
    found = {}
    for event in log.to_dict("records"):
        found.setdefault(event["case:concept:name"], []).append(
            {
                "activity": event["concept:name"],
                "time": event["time:timestamp"].isoformat(),
                "seq": event["seq"],
                "resource": event["org:resource"],
                "role": event["org:role"],
                "before": event["state_before"],
                "after": event["state_after"],
                "violations": event["violations"],
                "label": event["label"],
                "note": None if event.get("note") != event.get("note") else event.get("note"),
            }
        )
    return list(found.items())


def objects(log):
    """Events, objects and what refers to what."""
    return {
        "events": {
            event["ocel:eid"]: [event["ocel:activity"], event["ocel:timestamp"].isoformat(), event["seq"]]
            for event in log.events.to_dict("records")
        },
        "objects": {each["ocel:oid"]: each["ocel:type"] for each in log.objects.to_dict("records")},
        "relations": sorted(
            [each["ocel:eid"], each["ocel:oid"], each["ocel:qualifier"]] for each in log.relations.to_dict("records")
        ),
        "links": sorted(
            [each["ocel:oid"], each["ocel:oid_2"], each["ocel:qualifier"]] for each in log.o2o.to_dict("records")
        ),
        "states": sorted(
            [each["ocel:oid"], each["ocel:timestamp"].isoformat(), each["state"]]
            for each in log.object_changes.to_dict("records")
        ),
    }


found = {}
for stem in sys.argv[1:]:
    found[stem] = {
        "xes": cases(f"{stem}.xes", "iterparse"),
        "xes_by_default": cases(f"{stem}.xes", None),
        "json": objects(pm4py.read_ocel2(f"{stem}.json")),
        "sqlite": objects(pm4py.read_ocel2(f"{stem}.sqlite")),
        "broken_constraints": ocel20_rel_validation.apply(f"{stem}.sqlite")[1],
    }
json.dump(found, sys.stdout)
