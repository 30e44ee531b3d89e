"""The 要綱 as a table: one row for each thing that can happen, beside the clause that knows it."""

from __future__ import annotations

from functools import cache
from importlib import resources

from hoshimino import case as c
from hoshimino.events import CODE
from hoshimino.examples import examples
from hoshimino.guards import (
    age_within_limits,
    by_companion,
    committee_complete,
    confirmed_in_time,
    consent_before_decision,
    consent_in_writing,
    decided_after_application,
    decided_in_time,
    extended_during_support,
    extension_forward,
    extension_within_three_months,
    lives_in_town,
    not_in_work,
    notified_before_interview,
    notified_in_time,
    right_form,
    withdrawn_after_consent,
    work_begun,
)
from shuroflow.clauses import ClauseRegistry
from shuroflow.states import Edition, Lapse, Programme, Row, RuleTable, Wording
from shuroflow.vocabulary import State

NEW, CANDIDATE, CONSENTED, SELECTED = State.NEW, State.CANDIDATE, State.CONSENTED, State.SELECTED
IN_SUPPORT, EXTENDED = State.IN_SUPPORT, State.EXTENDED
ENDED, DISCONTINUED, DECLINED = State.ENDED, State.DISCONTINUED, State.DECLINED

SUPPORTED = {IN_SUPPORT, EXTENDED}

LADDER = {
    CANDIDATE: "第3条",
    CONSENTED: "第2条第1項第4号",
    SELECTED: "第4条第1項",
    IN_SUPPORT: "第6条第1項",
    EXTENDED: "第7条第1項",
    ENDED: "第6条第1項",
}

DECISION = (decided_after_application, committee_complete, decided_in_time)

# fmt: off
ROWS = (
    # 第2条・第3条 申込みと同意
    Row("applied", "第3条", sources={NEW}, dest=CANDIDATE, fold=c.applied),
    Row("consented", "第2条第1項第4号", sources={CANDIDATE}, dest=CONSENTED, fold=c.consented,
        guards=(consent_in_writing,)),

    # 第4条・第5条 審査会と通知
    Row("accepted", "第4条第1項", sources={CONSENTED}, dest=SELECTED, fold=c.accepted,
        guards=(age_within_limits, lives_in_town, not_in_work, consent_before_decision, *DECISION)),
    Row("rejected", "第4条第1項", sources={CANDIDATE, CONSENTED}, dest=DECLINED, fold=c.rejected,
        guards=DECISION),
    Row("notified", "第5条", sources={SELECTED, IN_SUPPORT, EXTENDED, DECLINED}, fold=c.notified,
        guards=(right_form, notified_in_time)),

    # 第6条から第8条まで 期間と支援
    Row("interviewed", "第6条第1項", sources={SELECTED}, dest=IN_SUPPORT, fold=c.interviewed,
        guards=(notified_before_interview, by_companion)),
    Row("extended", "第7条第1項", sources={IN_SUPPORT}, dest=EXTENDED, fold=c.extended,  # once: not from EXTENDED
        guards=(extended_during_support, extension_forward, extension_within_three_months,
                committee_complete)),
    Row("supported", "第8条", turn=1, sources=SUPPORTED,
        guards=(by_companion,)),

    # 第9条・第10条 終了と確認
    Row("found_work", "第9条第1号", sources=SUPPORTED, dest=ENDED, fold=c.found_work,
        guards=(work_begun,)),
    Row("consent_withdrawn", "第9条第2号", sources={CONSENTED, SELECTED}, dest=DECLINED, fold=c.consent_withdrawn,
        guards=(withdrawn_after_consent,)),
    Row("consent_withdrawn", "第9条第2号", sources=SUPPORTED, dest=DISCONTINUED, fold=c.consent_withdrawn,
        guards=(withdrawn_after_consent,)),
    Row("outcome_confirmed", "第10条", turn=2, sources={ENDED, DISCONTINUED}, fold=c.outcome_confirmed,
        guards=(confirmed_in_time,)),
)
# fmt: on


def _data(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def programme() -> Programme:
    """The programme: what the entry point names."""
    clauses = ClauseRegistry.parse(_data("clauses.toml"))
    edition = Edition(
        clauses=clauses,
        rules=RuleTable.parse(_data("rules.toml"), clauses),
        rows=ROWS,
        ladder=LADDER,
        in_force_from=clauses.in_force_from,
        new_case=lambda case_id: c.HoshiminoCase(case_id, CODE),
        by_itself=[
            Lapse(source, ENDED, "第6条第1項", Wording(ja="期間の満了", en="end of the period"))
            for source in (IN_SUPPORT, EXTENDED)
        ],
    )
    return Programme(
        code=CODE,
        title_ja=clauses.title,
        title_en="Hoshimino (an invented town): a companion on the way to work",
        editions=(edition,),
        examples=examples,
    )
