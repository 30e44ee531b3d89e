"""Histories of the 埼玉 programme: a course in order, or with one planted fault whose clause is known."""

from __future__ import annotations

from datetime import date, timedelta

from shuroflow.calendar import period_end
from shuroflow.events import Actor, evolve
from shuroflow.events import saitama as e
from shuroflow.simulation.plan import Expected, Plan, people
from shuroflow.vocabulary import Role

SHORT_GOALS = ("ハローワークを週に2回利用する", "履歴書を書き上げる", "週に3件の求人に応募する", "生活の時間を整える")
LONG_GOALS = ("3か月以内に常勤の仕事に就く", "介護の資格を取って就職する", "短時間の仕事を続けて収入を増やす")

FAULTS = (
    "listed_by_another",
    "class_a_working",
    "class_i_unrecognised",
    "party_missing",
    "consent_half",
    "goal_missing",
    "support_before_consent",
    "support_by_another",
    "support_after_end",
    "change_without_consent",
    "end_without_achievement",
    "discontinued",
    "extension_without_supervisor",
    "extension_late",
    "training_unrecognised",
    "training_without_authority",
    "information_missing",
)
"""Faults that can be planted, in the order of the text."""

_EXTENDING = {"extension_without_supervisor", "extension_late"}
_TRAINING = {"training_unrecognised", "training_without_authority"}


def draw(plan: Plan, first: date, fault: str | None) -> None:
    """Put a whole history into ``plan``, beginning on ``first``."""
    r, staff = plan.random, people(plan.random)
    cw, sv, es = staff(Role.CASEWORKER), staff(Role.SUPERVISOR), staff(Role.SPECIALIST)

    listed = plan.add(first, e.Listed(), es if fault == "listed_by_another" else cw)
    if fault == "listed_by_another":
        plan.expect("4(1)", listed)

    day = first + plan.days(1, 9)
    selection = _selection(plan, day, (sv, cw, es))
    if fault == "party_missing":
        selection = evolve(selection, attendees=tuple(r.sample((sv, cw, es), 2)))
    elif fault == "class_a_working":
        selection = evolve(selection, target_class=e.TargetClass.A, working=True, recognition=None)
    elif fault == "class_i_unrecognised":
        selection = evolve(selection, target_class=e.TargetClass.I, recognition=None)
    selected = plan.add(day, selection, cw)
    clauses = {"party_missing": "4(1)", "class_a_working": "3(1)ア", "class_i_unrecognised": "3(1)イ"}
    if fault in clauses:
        plan.expect(clauses[fault], selected)

    if fault is None and r.random() < 0.05:
        plan.add(day + plan.days(1, 6), e.Declined(reason=e.DeclineReason.CONSENT_REFUSED), cw)
        return

    if fault == "support_before_consent":
        day += plan.days(1, 2)
        plan.expect("4(1)", plan.add(day, _activity(plan), es))
    day += plan.days(1, 5)
    scope = (e.ConsentObject.SPECIALIST_SUPPORT,) if fault == "consent_half" else tuple(e.ConsentObject)
    consented = plan.add(day, e.Consented(scope=scope, taken_by=es), es)
    if fault == "consent_half":
        plan.expect("4(1)", consented)

    day += plan.days(0, 3)
    plan.add(day, e.SupportDecided(decided_by=sv, approval=f"決裁-{r.randint(1, 999):03d}"), cw)
    goals: tuple[e.Goal, ...] = (
        e.Goal(id="short-1", horizon=e.Horizon.SHORT, text=r.choice(SHORT_GOALS)),
        e.Goal(id="long-1", horizon=e.Horizon.LONG, text=r.choice(LONG_GOALS)),
    )
    plan.add(day, e.GoalsSet(goals=goals[:1] if fault == "goal_missing" else goals), es)
    start = day + plan.days(0, 3)
    specialist = e.Specialist(id=es.id, qualifications=(r.choice(tuple(e.Qualification)),))
    started = plan.add(start, e.SupportStarted(specialist=specialist, start_on=start), es)
    if fault == "goal_missing":
        plan.expect("4(1)", started)
        goals = goals[:1]
    _support(plan, start, goals, fault, (sv, cw, es))


def _selection(plan: Plan, day: date, attendees: tuple[Actor, ...]) -> e.Selected:
    class_i = plan.random.random() < 0.15
    return e.Selected(
        attendees=attendees,
        target_class=e.TargetClass.I if class_i else e.TargetClass.A,
        status=e.AssistanceStatus.RECIPIENT,
        responsible_office=True,
        compelling_reason=False,
        compelling_reason_source="病状把握",
        working=class_i,
        recognition=e.Recognition(on=day, reason="収入が不安定で増収の見込みがある") if class_i else None,
        ledger_consulted=True,
    )


def _activity(plan: Plan) -> e.ActivityRecorded:
    r = plan.random
    return e.ActivityRecorded(
        kind=r.choice(tuple(e.SupportKind)),
        mode=r.choice((e.ContactMode.HOME_VISIT, e.ContactMode.OFFICE_INTERVIEW, e.ContactMode.ACCOMPANIMENT)),
    )


def _contacts(plan: Plan, start: date, end: date, es: Actor) -> date:
    day = start + plan.days(3, 12)
    last = start
    while day <= end:
        plan.add(day, _activity(plan), es)
        last, day = day, day + plan.days(10, 24)
    return last


def _support(
    plan: Plan, start: date, goals: tuple[e.Goal, ...], fault: str | None, parties: tuple[Actor, Actor, Actor]
) -> None:
    r = plan.random
    _, cw, es = parties
    end = period_end(start, months=3)
    half = start + timedelta(days=40)
    if fault in _TRAINING or (fault is None and r.random() < 0.1):
        _train(plan, start, fault, es)
    last = _contacts(plan, start + timedelta(days=10) if fault in _TRAINING else start, half, es)
    last = max(last, half)
    if fault == "support_by_another":
        plan.expect("4(2)", plan.add(last, evolve(_activity(plan), by=cw), cw))
    if fault == "discontinued":
        plan.expect("4(4)", plan.add(last, e.Discontinued(reason="所在不明"), cw))
        return
    if fault == "information_missing" or (fault is None and r.random() < 0.1):
        cause = r.choice((e.AbolitionCause.TEMPORARY_INCOME, e.AbolitionCause.HOUSEHOLD_INCOME))
        abolished = plan.add(last, e.AssistanceAbolished(cause=cause), cw)
        if fault is None:
            given = e.InformationGiven(content="自立相談支援の就労支援の案内", agency="agency-1")
            plan.add(last + plan.days(0, 9), given, cw)
        else:
            plan.expect("6(2)", abolished)
        return
    if fault == "change_without_consent" or (fault is None and r.random() < 0.15):
        last = _change(plan, last + timedelta(days=2), goals, fault, es)
    if fault in _EXTENDING or (fault is None and r.random() < 0.3):
        end = _extend(plan, last, end, fault, parties)
        last = _contacts(plan, max(last, end - timedelta(days=60)), end - timedelta(days=14), es)
        last = max(last, end - timedelta(days=14))
    achieved = fault not in {"end_without_achievement", "support_after_end"}
    result = e.Achievement.ACHIEVED if achieved else e.Achievement.IN_PROGRESS
    evaluated = min(last + plan.days(1, 5), end)
    results = tuple(e.GoalResult(goal=goal.id, result=result) for goal in goals)
    plan.add(evaluated, e.Evaluated(results=results, by=es), es)
    if fault == "support_after_end":
        plan.expect("4(5)", plan.add(end + plan.days(1, 20), _activity(plan), es))
        return
    ended = plan.add(min(evaluated + plan.days(0, 4), end), e.Ended(), cw)
    if len(goals) == 1:  # no medium- and long-term goal was ever set that could be achieved
        plan.expected.append(Expected("observation", "4(4)", ended))
    if fault == "end_without_achievement":
        plan.expect("4(4)", ended)
    elif r.random() < 0.4:
        need = r.random() < 0.3
        day = end + plan.days(10, 60)
        plan.add(day, e.AssistanceAbolished(cause=e.AbolitionCause.OWN_EMPLOYMENT, need=need, need_judged_on=day), cw)
        if need:
            given = e.InformationGiven(content="家計改善支援事業の案内", agency="agency-1")
            plan.add(day + plan.days(0, 14), given, cw)


def _train(plan: Plan, start: date, fault: str | None, es: Actor) -> None:
    day = start + plan.days(1, 5)
    if fault != "training_unrecognised":
        plan.add(day, e.TrainingRecognised(effect="就労の習慣がつく見込み", by=plan.entries[0][2]), es)
    authority = e.PlacementAuthority(
        kind=e.AuthorityKind.NOTIFICATION, number="11-ム-000123", effective_from=date(2016, 4, 1)
    )
    used = e.TrainingUsed(
        type=e.TrainingType.EMPLOYMENT,
        provider=e.TrainingProvider(id="provider-1", certified_from=date(2018, 4, 1), certificate="認定-17"),
        arranged_by=es,
        authority=None if fault == "training_without_authority" else authority,
    )
    seq = plan.add(day + plan.days(1, 3), used, es)
    if fault in _TRAINING:
        plan.expect("5", seq)


def _change(plan: Plan, day: date, goals: tuple[e.Goal, ...], fault: str | None, es: Actor) -> date:
    results = tuple(e.GoalResult(goal=goal.id, result=e.Achievement.DIFFICULT) for goal in goals)
    plan.add(day, e.Evaluated(results=results, analysis="体調の波があり応募が続かない", by=es), es)
    day += plan.days(1, 4)
    changed = tuple(evolve(goal, text=f"{goal.text}(見直し)") for goal in goals)
    understood = fault is None
    payload = e.GoalsChanged(goals=changed, interview_on=day if understood else None, understood=understood)
    seq = plan.add(day, payload, es)
    if fault is not None:
        plan.expect("4(3)", seq)
    return day


def _extend(plan: Plan, last: date, end: date, fault: str | None, parties: tuple[Actor, Actor, Actor]) -> date:
    sv, cw, es = parties
    day = max(last, end - plan.days(1, 14))
    attendees: tuple[Actor, ...] = (sv, cw, es)
    if fault == "extension_late":
        day = end + plan.days(1, 10)
    elif fault == "extension_without_supervisor":
        attendees = (cw, es)
    new_end = period_end(end + timedelta(days=1), months=3)
    seq = plan.add(day, e.Extended(attendees=attendees, new_end=new_end, reason="応募を続けるため"), es)
    if fault is not None:
        plan.expect("4(5)", seq)
    return new_end
