"""A toy intake system for 埼玉 4(1), driven over a pipe. Only the standard library; it knows nothing of the kit.

It keeps the way from the list (listed) over the selection by the three parties (selected) to the consent (consented),
and the cases that end before support (declined). It answers one JSON object a line with one JSON object a line.
``--mistake`` makes it take one consent for both.
"""

import json
import sys

PARTIES = {"supervisor", "caseworker", "specialist"}
BOTH = {"specialist_support", "goal_setting"}
AFTER = {"listed": "candidate", "selected": "selected", "declined": "declined"}


class Case:
    """The events of a case, as they were written down, and what they come to."""

    def __init__(self):
        self.events = []
        self.state = "new"

    def day_of(self, name):
        """The day of the last event of a kind."""
        return max((event["occurred_on"] for event in self.events if event["event"] == name), default="")

    def complaints(self, event, one_consent_is_enough):
        """Clause and reason, for each thing that stands in the way."""
        name, data, day = event["event"], event["data"], event["occurred_on"]
        if name == "listed":
            if self.state != "new":
                yield "4(1)", "リストアップは済んでいます"
            elif event["recorded_by"]["role"] != "caseworker":
                yield "4(1)", "リストアップはケースワーカーが行います"
        elif name == "selected":
            if self.state != "candidate":
                yield "4(1)", "選定できる段階ではありません"
                return
            if not PARTIES <= {each["role"] for each in data["attendees"]}:
                yield "4(1)", "三者の協議になっていません"
            if not self.day_of("listed") <= data.get("consulted_on", day) <= day:
                yield "4(1)", "リストアップ、協議、選定の順ではありません"
            recognition = data.get("recognition")
            if data["target_class"] == "a":
                sound = data.get("compelling_reason") is False and data.get("working") is False
                target = data.get("status") in {"recipient", "applicant"} and data.get("responsible_office") is True
                if not (sound and target):
                    yield "3(1)ア", "アの要件を満たしていません"
            elif recognition is None:
                yield "3(1)イ", "福祉事務所の認定がありません"
            if recognition is not None and not (recognition.get("reason") or "").strip():
                yield "3(1)イ", "認定の理由がありません"
        elif name == "consented":
            if self.state not in {"selected", "consented"}:
                yield "4(1)", "同意を得る段階ではありません"
                return
            given = {each for kept in self.events if kept["event"] == name for each in kept["data"]["scope"]}
            if not BOTH - given <= set(data["scope"]) and not one_consent_is_enough:
                yield "4(1)", "二つの事項への同意が必要です"
            if day < self.day_of("selected"):
                yield "4(1)", "選定の前の同意です"
        elif name == "declined":
            if self.state not in {"candidate", "selected", "consented"}:
                yield "4(1)", "終わらせる案件がありません"
        else:
            yield "4(1)", "この台帳では扱いません"

    def take(self, event):
        """Write it down."""
        self.events.append(event)
        self.state = AFTER.get(event["event"], "consented")


def answer(cases, question, one_consent_is_enough):
    """What to say to a question."""
    asked = question["ask"]
    if asked == "hello":
        return {"protocol": 1, "system": "intake", "standing": True}
    if asked == "record":
        event = question["event"]
        case = cases.get(event["case_id"], Case())
        complaints = list(case.complaints(event, one_consent_is_enough))
        if complaints:
            clauses = list(dict.fromkeys(clause for clause, _ in complaints))
            return {"accepted": False, "clauses": clauses, "message": "。".join(reason for _, reason in complaints)}
        cases.setdefault(event["case_id"], case).take(event)
        return {"accepted": True}
    if asked == "history":
        return {"events": cases[question["case_id"]].events if question["case_id"] in cases else []}
    if asked == "standing":
        return {"state": cases[question["case_id"]].state, "period": None}
    if asked == "close":
        return {}
    return {"error": f"{asked!r} is not told here"}


def main():
    """Answer line by line, in UTF-8 whatever the terminal speaks."""
    cases = {}
    mistake = "--mistake" in sys.argv[1:]
    for line in sys.stdin.buffer:
        question = json.loads(line)
        told = {"id": question["id"], **answer(cases, question, mistake)}
        sys.stdout.buffer.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
        sys.stdout.buffer.flush()
        if question["ask"] == "close":
            return


if __name__ == "__main__":
    main()
