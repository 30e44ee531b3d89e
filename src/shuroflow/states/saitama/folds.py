"""How each event of a 埼玉 case is put into it, as the record claims it, whether or not a guard finds fault.

A fold writes the facts down and takes on or discharges duties; it judges nothing, and no guard knows it.
"""

from __future__ import annotations

from datetime import date

from shuroflow.case import ONE_DAY, Closing, Duty, Period
from shuroflow.events import Event
from shuroflow.events import saitama as events
from shuroflow.states.office import Office
from shuroflow.states.saitama.case import GoalRecord, SaitamaCase, basic_end, first_day_of
from shuroflow.vocabulary import CLOSED, UNDER_WAY, Basis


def listed(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(1)①."""
    case.listed_on = event.occurred_on
    case.prior_case_id = event.data.prior_case_id


def selected(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(1)②."""
    data: events.Selected = event.data
    case.selected_on = event.occurred_on
    case.status = data.status
    case.target_class = data.target_class
    case.recognised = data.target_class is events.TargetClass.I and data.recognition is not None


def declined(case: SaitamaCase, event: Event, office: Office) -> None:
    """Not selected, or no consent."""
    case.close(Closing(event.occurred_on, "4(1)②", Basis.DECISION))


def consented(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(1)④: the first consent gives the day; a later one may add what was missing or renew it."""
    data: events.Consented = event.data
    renewed = case.consent_withdrawn_on is not None
    case.consent_scope = frozenset(data.scope) | (frozenset() if renewed else case.consent_scope)
    case.first_consent_on = min(case.first_consent_on or date.max, event.occurred_on)
    if case.consent_on is None or renewed:
        case.consent_on = event.occurred_on
    case.consent_withdrawn_on = None


def consent_withdrawn(case: SaitamaCase, event: Event, office: Office) -> None:
    """Not in the text (S-05): of several withdrawals the earliest counts, until the consent is renewed."""
    case.consent_withdrawn_on = min(case.consent_withdrawn_on or date.max, event.occurred_on)


def support_decided(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(1)⑤: 決定."""
    case.support_decided_on = event.occurred_on


def goals_set(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(1)⑤."""
    for goal in event.data.goals:
        case.goals[goal.id] = GoalRecord(goal, event.occurred_on)


def support_started(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(1)⑤, 4(2), 4(5): the first period, and the duties that come with it."""
    data: events.SupportStarted = event.data
    case.start_on = first_day_of(case, event)
    case.specialist = data.specialist
    end = data.end_on or basic_end(case.start_on, first_day=office.settings.first_day)
    case.periods.append(Period(case.start_on, end))
    case.take_on(Duty("evaluate", event.occurred_on, event.seq))
    case.take_on(Duty("extend_or_end", event.occurred_on, event.seq, due=end))


def activity_recorded(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(2): contacts and the gaps between them (S-17)."""
    case.contacts += 1
    last = case.last_contact_on
    if last is not None:
        gap = (event.occurred_on - last).days
        case.longest_gap_days = max(case.longest_gap_days, gap)
    else:
        case.first_contact_on = event.occurred_on
    case.last_contact_on = event.occurred_on


def evaluated(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(3)."""
    data: events.Evaluated = event.data
    case.evaluated_on = event.occurred_on
    if data.analysis:
        case.analysed_on = event.occurred_on
    for result in data.results:
        record = case.goals.get(result.goal)
        if record is not None:
            case.goals[result.goal] = GoalRecord(record.goal, record.set_on, result.result)
    case.discharge("evaluate")


def goals_changed(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(3): a changed goal has no result yet; an analysis serves one change."""
    for goal_id in event.data.dropped:
        case.goals.pop(goal_id, None)
    for goal in event.data.goals:
        case.goals[goal.id] = GoalRecord(goal, event.occurred_on)
    case.analysed_on = None


def extended(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(5): the next period follows on the current one (S-11); a late one begins with its consultation."""
    data: events.Extended = event.data
    start = data.consulted_on or event.occurred_on
    current = case.end_on
    if current is not None:
        start = max(start, min(current, date.max - ONE_DAY) + ONE_DAY)
    end = data.new_end or basic_end(start)
    case.extensions += 1
    if end >= start:
        case.periods.append(Period(start, end))
    elif case.periods and case.periods[-1].start <= end:
        case.periods[-1] = Period(case.periods[-1].start, min(end, case.periods[-1].end))
    case.take_on(Duty("extend_or_end", event.occurred_on, event.seq, due=case.end_on))


def training_recognised(case: SaitamaCase, event: Event, office: Office) -> None:
    """5①."""
    if case.training_recognised_on is None:
        case.training_recognised_on = event.occurred_on


def application_resolved(case: SaitamaCase, event: Event, office: Office) -> None:
    """3(1)ア: what became of the application for public assistance (S-23)."""
    if event.data.result is events.ApplicationResult.GRANTED:
        case.status = events.AssistanceStatus.RECIPIENT
        case.application_failed_on = None
    else:
        case.status = events.AssistanceStatus.NONE
        case.application_failed_on = event.occurred_on


def target_recognised(case: SaitamaCase, event: Event, office: Office) -> None:
    """3(1)イ, during the case."""
    case.recognised = True


def assistance_suspended(case: SaitamaCase, event: Event, office: Office) -> None:
    """停止 is not 廃止 (S-26)."""
    case.suspended_on = event.occurred_on


def _leave_support(case: SaitamaCase) -> None:
    # 4(3) and 4(5) ask nothing more of a case that has left support otherwise than by 4(4).
    case.discharge("evaluate")
    case.discharge("extend_or_end")


def ended(case: SaitamaCase, event: Event, office: Office) -> None:
    """4(4): an evaluation that was never made stays open, for the end rests on it."""
    case.close(Closing(event.occurred_on, "4(4)"))
    case.discharge("extend_or_end")


def ended_outside(case: SaitamaCase, event: Event, office: Office) -> None:
    """Outside the text (S-05, S-06, S-25)."""
    case.close(Closing(event.occurred_on, "4(4)", Basis.DECISION))
    _leave_support(case)


def discontinued(case: SaitamaCase, event: Event, office: Office) -> None:
    """A state that the record claims, though this 要綱 does not know it."""
    ended_outside(case, event, office)


def assistance_abolished(case: SaitamaCase, event: Event, office: Office) -> None:
    """6: 廃止, and who has to be told what; 6(2) reaches support that had begun and was not finished."""
    data: events.AssistanceAbolished = event.data
    case.abolished_on = event.occurred_on
    case.abolition_cause = data.cause
    clause = "6(1)"
    if data.cause is events.AbolitionCause.OWN_EMPLOYMENT:
        if data.need:
            case.take_on(Duty("inform_after_employment", event.occurred_on, event.seq))
    elif case.state in UNDER_WAY and data.cause is not events.AbolitionCause.DEATH:
        clause = "6(2)"
        case.take_on(Duty("inform_unfinished", event.occurred_on, event.seq))
    if case.state not in CLOSED:
        case.close(Closing(event.occurred_on, clause, Basis.DECISION))
        _leave_support(case)


def information_given(case: SaitamaCase, event: Event, office: Office) -> None:
    """6: an attempt discharges the duty only where the person cannot be found (S-20).

    That no agency took part is said of this event, once; the record claims that the information was given.
    """
    data: events.InformationGiven = event.data
    if data.attempted_only and case.abolition_cause is not events.AbolitionCause.WHEREABOUTS_UNKNOWN:
        return
    case.discharge("inform_after_employment")
    case.discharge("inform_unfinished")
