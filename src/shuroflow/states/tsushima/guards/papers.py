"""Forms, their editions, and who decides: 第3条, 附則, and each article that names a form."""

from __future__ import annotations

from datetime import date

from shuroflow.events import Event
from shuroflow.events import tsushima as events
from shuroflow.states.judgement import Inapplicable, Seen
from shuroflow.states.office import Office
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.states.tsushima.guards import reasons as why
from shuroflow.vocabulary import Role

NEW_FORMS_FROM = date(2021, 6, 28)
"""附則(令和3年): from this day the forms of the present edition are used."""

FORM_OF = {
    "approval_notified": events.Form.APPROVAL,
    "rejection_notified": events.Form.REJECTION,
    "discontinuation_notified": events.Form.DISCONTINUATION,
    "plan_made": events.Form.PLAN,
    "plan_reviewed": events.Form.REVIEW,
    "agreement_made": events.Form.AGREEMENT,
    "trial_confirmed": events.Form.TRIAL_CONFIRMATION,
    "attendance_recorded": events.Form.ATTENDANCE,
    "claim_received": events.Form.CLAIM,
}


def right_form(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """様式: each act has its own form."""
    expected, used = FORM_OF[event.kind], event.data.paper.form
    return None if used is expected else {"expected": expected, "used": used}


def form_edition(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """附則(令和3年)第2項: papers already in use stay good; old blanks are not used up afterwards (T-45)."""
    if event.occurred_on <= NEW_FORMS_FROM:
        return why.BEFORE_NEW_FORMS
    papers = event.data.papers if hasattr(event.data, "papers") else (event.data.paper,)
    old = [paper.form for paper in papers if paper.edition is not None and paper.edition < NEW_FORMS_FROM]
    if old:
        return {"forms": old, "from": NEW_FORMS_FROM}
    if not papers:
        return why.NO_PAPER
    return why.EDITION_NOT_RECORDED if None in [paper.edition for paper in papers] else None


def decided_by_director(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第3条, 第5条第2項, 第7条第1項: the director decides."""
    role = event.data.decided_by.role
    return None if role is Role.DIRECTOR else {"role": role}
