"""The demonstration: one case of each programme live on SQLite, each with a refusal, then an audit of the samples."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from shuroflow.audit import audit
from shuroflow.audit.replay import CaseReport
from shuroflow.audit.summary import Item
from shuroflow.caseload import Caseload, Recorded
from shuroflow.errors import InputError, Refused, ShuroflowError
from shuroflow.events import Actor, saitama, tsushima
from shuroflow.samples import SAMPLES, expected
from shuroflow.states import Office, programme
from shuroflow.storage import open_journal
from shuroflow.vocabulary import Lang, Role, Severity

JST = timezone(timedelta(hours=9))
CW, SV, ES = Actor("cw-03", Role.CASEWORKER), Actor("sv-01", Role.SUPERVISOR), Actor("es-07", Role.SPECIALIST)
DIRECTOR, OFFICER = Actor("director", Role.DIRECTOR), Actor("officer-2", Role.OFFICER)


class DemoClock:
    """A clock for the demonstration: five in the afternoon of the day that was set."""

    def __init__(self) -> None:
        self.day = date(2025, 4, 3)

    def __call__(self) -> datetime:
        """The moment of recording."""
        return datetime(self.day.year, self.day.month, self.day.day, 17, tzinfo=JST)


def _say(lang: Lang, ja: str, en: str) -> str:
    return ja if lang == "ja" else en


def run(lang: Lang = "ja") -> Iterator[str]:
    """The demonstration, line by line.

    Raises:
        ShuroflowError: at the end, if the audit of a sample differs from what is expected.
    """
    with tempfile.TemporaryDirectory(prefix="shuroflow-") as folder:
        url = f"sqlite:///{Path(folder) / 'demo.sqlite'}"
        yield _say(lang, f"■ 記録する: SQLite の記録簿 {url}", f"# Recorded live, in a SQLite journal at {url}")
        with open_journal(url, create=True) as journal:
            clock = DemoClock()
            desk = Caseload(journal, clock=clock)
            yield from _saitama(desk, clock, lang)
            yield from _tsushima(desk, clock, lang)
        yield ""
        yield _say(lang, "■ 開き直して監査する(同じ判定規則)", "# Reopened and audited, by the same rules")
        for item in audit([url], as_of=date(2025, 7, 31), office=Office()):
            yield from _verdict(item, lang)
    yield ""
    yield _say(
        lang,
        f"■ 見本のケース記録 {len(expected())} 件を監査する",
        f"# The audit of {len(expected())} sample case records",
    )
    wrong = 0
    for item in audit(SAMPLES, as_of=date(2026, 11, 21), office=Office()):
        yield from _verdict(item, lang)
        wrong += not isinstance(item, CaseReport) or not _as_expected(item)
    yield ""
    if wrong:
        raise ShuroflowError(
            _say(lang, f"期待と異なるケースが{wrong}件あります", f"{wrong} case(s) differ from what is expected")
        )
    yield _say(
        lang,
        "すべてのケースで、期待した指摘だけが見つかりました。",
        "In every case exactly the expected findings were made.",
    )


def _as_expected(report: CaseReport) -> bool:
    found = [
        (finding.severity.value, finding.clause, finding.seq)
        for finding in report.findings
        if finding.severity is not Severity.NOTE
    ]
    return sorted(found) == sorted(
        (each.severity, each.clause, each.seq) for each in expected()[report.case_id].expected
    )


def _moved(recorded: Recorded, lang: Lang) -> str:
    event = recorded.event
    label = programme(event.programme).current.event_label(event.kind).render({}, lang)
    return f"  {event.occurred_on}  {label} → {recorded.case.state.label(lang)}"


def _refused(refused: Refused, lang: Lang) -> Iterator[str]:
    event = refused.judgement.event
    label = programme(event.programme).current.event_label(event.kind).render({}, lang)
    yield f"  {event.occurred_on}  {label} ✗ " + _say(lang, "記録しません", "refused")
    for line in refused.explain(lang).splitlines():
        yield f"      {line}"


def _saitama(desk: Caseload, clock: DemoClock, lang: Lang) -> Iterator[str]:
    e = saitama
    case = "demo-saitama"
    yield f"● {programme('saitama').title(lang)} ({case})"
    yield _moved(desk.open(case, "saitama", e.Listed(), on=date(2025, 4, 3), by=CW), lang)
    clock.day = date(2025, 4, 10)
    facts = {
        "target_class": e.TargetClass.A,
        "status": e.AssistanceStatus.RECIPIENT,
        "responsible_office": True,
        "compelling_reason": False,
        "working": False,
        "ledger_consulted": True,
    }
    try:
        desk.record(case, e.Selected(attendees=(CW, ES), **facts), on=clock.day, by=CW)  # type: ignore[arg-type]
    except Refused as refused:
        yield from _refused(refused, lang)
    selection = e.Selected(attendees=(SV, CW, ES), **facts)  # type: ignore[arg-type]
    yield _moved(desk.record(case, selection, on=clock.day, by=CW), lang)
    clock.day = date(2025, 4, 14)
    yield _moved(desk.record(case, e.Consented(scope=tuple(e.ConsentObject)), on=clock.day, by=ES), lang)
    clock.day = date(2025, 4, 15)
    goals = (
        e.Goal(id="short-1", horizon=e.Horizon.SHORT, text="ハローワークを週に2回利用する"),
        e.Goal(id="long-1", horizon=e.Horizon.LONG, text="6月末までに常勤の仕事に就く"),
    )
    yield _moved(desk.record(case, e.SupportDecided(approval="決裁-118"), on=clock.day, by=CW), lang)
    yield _moved(desk.record(case, e.GoalsSet(goals=goals), on=clock.day, by=ES), lang)
    specialist = e.Specialist(id=ES.id, qualifications=(e.Qualification.EMPLOYMENT,))
    start = e.SupportStarted(specialist=specialist, start_on=clock.day)
    yield _moved(desk.record(case, start, on=clock.day, by=ES), lang)


def _tsushima(desk: Caseload, clock: DemoClock, lang: Lang) -> Iterator[str]:
    e = tsushima
    case = "demo-tsushima"
    yield f"● {programme('tsushima').title(lang)} ({case})"
    clock.day = date(2025, 6, 10)
    applied = e.Applied(
        papers=(e.Paper(form=e.Form.APPLICATION), e.Paper(form=e.Form.DECLARATION)),
        resident=True,
        person_class=e.PersonClass.RECIPIENT,
    )
    yield _moved(desk.open(case, "tsushima", applied, on=clock.day, by=OFFICER), lang)
    clock.day = date(2025, 6, 18)
    assessed = e.Assessed(
        income_month="2025-06",
        income=109_501,
        assets=(e.Asset(kind=e.AssetKind.DEPOSIT, amount=300_000),),
        assets_as_of=date(2025, 6, 10),
        gang_member=False,
        gang_checked_on=date(2025, 6, 12),
    )
    yield _moved(desk.record(case, assessed, on=clock.day, by=OFFICER), lang)
    clock.day = date(2025, 6, 20)
    try:
        by_item_1 = e.UseApproved(decided_by=DIRECTOR, ground=e.EligibilityGround.ITEM_1)
        desk.record(case, by_item_1, on=clock.day, by=OFFICER)
    except Refused as refused:
        yield from _refused(refused, lang)
    by_item_2 = e.UseApproved(
        decided_by=DIRECTOR,
        ground=e.EligibilityGround.ITEM_2,
        recognition_reason="上限を1円超えるのみで、社会との関わりへの不安が強い",
        approval="決裁-204",
    )
    yield _moved(desk.record(case, by_item_2, on=clock.day, by=OFFICER), lang)
    notice = e.ApprovalNotified(paper=e.Paper(form=e.Form.APPROVAL), start_on=date(2025, 7, 1))
    yield _moved(desk.record(case, notice, on=clock.day, by=OFFICER), lang)
    clock.day = date(2025, 7, 1)
    yield _moved(desk.record(case, e.UseStarted(officer=OFFICER), on=clock.day, by=OFFICER), lang)
    clock.day = date(2025, 7, 4)
    plan = e.PlanMade(
        paper=e.Paper(form=e.Form.PLAN),
        issues=(e.Issue(id="issue-1", text="生活のリズムが乱れている"),),
        goals=("週に3日、決まった時間に通う",),
        contents=("起床と就寝の助言",),
        by=OFFICER,
    )
    yield _moved(desk.record(case, plan, on=clock.day, by=OFFICER), lang)


def _verdict(item: Item, lang: Lang) -> Iterator[str]:
    if isinstance(item, InputError):
        yield f"  {item}"
    if not isinstance(item, CaseReport):
        return
    grave = [finding for finding in item.findings if finding.severity is not Severity.NOTE]
    period = f"{item.period.start} – {item.period.end}" if item.period else "–"
    mark = "✓" if not grave else "✗"
    yield f"  {mark} {item.case_id:<14} {item.state.label(lang)}  {period}"
    for finding in grave:
        yield f"      [{finding.severity.label(lang)}] {finding.clause} ({finding.on}): {finding.message(lang)}"
        yield f"          → {finding.mend(lang)}"
