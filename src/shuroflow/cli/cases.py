"""``shuroflow show``, ``next`` and ``due``: what a journal says of a case, and what waits to be done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from shuroflow.cli.options import (
    case_argument,
    day_option,
    known_at_option,
    lang_option,
    overlay_option,
    say,
    source_argument,
)
from shuroflow.cli.output import table
from shuroflow.vocabulary import Lang, Severity

if TYPE_CHECKING:
    from shuroflow.caseload import Due, Option, Standing
    from shuroflow.errors import InputError
    from shuroflow.events import Event
    from shuroflow.states import Edition, Office


@click.command("show", short_help="One case: state, goals, duties, record. / ケースの表示")
@source_argument
@case_argument
@day_option("--as-of", "The day asked about")
@known_at_option
@overlay_option
@lang_option()
def show_command(source: str, case_id: str, as_of: date, known_at: datetime | None, office: Office, lang: Lang) -> None:
    """Show one case: state, period, goals, duties, findings and its whole record.

    一つのケースの状態・期間・目標・未了事項・指摘・経過を表示する。

    With --known-at the record, too, is what had been written down by then.
    """
    from shuroflow.audit import replay
    from shuroflow.cli.desk import desk

    with desk(source, office) as caseload:
        events = caseload.journal.read(case_id)
        if events and replay(events, as_of=as_of, office=office, known_at=known_at) is None:
            raise _not_yet(events, source, as_of, known_at)
        standing = caseload.show(case_id, as_of=as_of, known_at=known_at)
    report = replay(events, as_of=as_of, office=office, known_at=known_at)
    for line in _standing_lines(standing, known_at, lang):
        click.echo(line)
    if report is not None:
        from shuroflow.audit.report import finding_lines

        click.echo(say("\n指摘", "\nFindings"))
        for finding in report.findings:
            click.echo("\n".join(finding_lines(finding, lang=lang)))
        if not report.findings:
            click.echo(say("  なし", "  none"))
    click.echo(say("\n経過", "\nRecord"))
    click.echo(_history(standing, lang))


def _not_yet(events: list[Event], source: str, as_of: date, known_at: datetime | None) -> InputError:
    """Why there is nothing to show of a case that is in the journal."""
    from shuroflow.errors import InputError
    from shuroflow.states.history import effective, known

    days = [event.occurred_on for event in effective(events, known_at=known_at)]
    if known_at is not None and not known(events, known_at):
        moments = known_at, min(event.recorded_at for event in events)
        asked, first = (moment.isoformat(timespec="seconds") for moment in moments)
        ja = f"{asked} までに記録されたものはありません。最初の記録は {first} です。それ以後の時点を指定してください"
        en = f"nothing was recorded of it up to {asked}: its first record is of {first}; ask about that moment or later"
    elif not days:
        ja, en = "記録はすべて取り消されています", "everything recorded of it is withdrawn"
    else:
        ja = f"{as_of} の時点ではまだありません。最初の出来事は {min(days)} です。それ以後の日を指定してください"
        en = f"it is not there yet on {as_of}: it begins on {min(days)}; ask about that day or a later one"
    return InputError(
        say(f"ケース {events[0].case_id!r}: {ja}", f"case {events[0].case_id!r}: {en}"),
        file=source,
        case_id=events[0].case_id,
    )


def _standing_lines(standing: Standing, known_at: datetime | None, lang: Lang) -> Iterator[str]:
    from shuroflow.audit.report import day_text, moment_text, one_line, period_text
    from shuroflow.states import programme

    case = standing.case
    kind = programme(case.programme)
    yield f"■ {one_line(case.case_id)}  {kind.title(lang)}"
    yield say("  基準日: ", "  as of: ") + day_text(standing.as_of, lang)
    if known_at is not None:
        yield f"  {moment_text(known_at, lang)}"
    yield say("  状態: ", "  state: ") + kind.current.state_name(standing.state).label(lang)
    yield say("  期間: ", "  period: ") + period_text(standing.period, lang)
    if len(case.periods) > 1:
        for number, period in enumerate(case.periods, 1):
            yield f"    {number}. {period_text(period, lang)}"
    if case.prior_case_id:
        yield say("  以前のケース: ", "  earlier case: ") + one_line(case.prior_case_id)
    yield from _goals(case, lang)
    means = getattr(case, "means", None)
    if means is not None and hasattr(means, "arithmetic"):
        yield say("\n査定", "\nMeans test")
        yield from (f"  {line}" for line in means.arithmetic(lang).splitlines())
    elif means is not None:
        yield say("\n査定", "\nMeans test")
        yield f"  {means}"
    yield say("\n未了事項", "\nOpen duties")
    yield _due_table(standing.duties, lang, cases=False) if standing.duties else say("  なし", "  none")


def _goals(case: Any, lang: Lang) -> Iterator[str]:
    from shuroflow.audit.report import one_line

    goals = getattr(case, "goals", None)
    if not goals:
        return
    yield say("\n目標", "\nGoals")
    for record in goals.values():
        result = say("未評価", "not evaluated") if record.result is None else record.result.label(lang)
        yield f"  [{record.goal.horizon.label(lang)}] {one_line(record.goal.text)} … {result}"


def _history(standing: Standing, lang: Lang) -> str:
    from shuroflow.audit.report import one_line
    from shuroflow.states import programme
    from shuroflow.states.history import effective
    from shuroflow.states.judgement import show

    edition = programme(standing.case.programme).current
    days = {event.seq: event.occurred_on for event in effective(standing.events)}
    rows = [
        (
            str(event.seq),
            show(event.occurred_on, lang),
            _event_text(event, edition, lang),
            f"{event.recorded_by.role.label(lang)} {one_line(event.recorded_by.id)}",
            _of_day(event, days.get(event.seq, event.occurred_on), standing.as_of, lang) + one_line(event.note or ""),
        )
        for event in standing.events
    ]
    head = (
        ("番号", "日付", "出来事", "記録者", "備考") if lang == "ja" else ("seq", "day", "event", "recorded by", "note")
    )
    return table(head, rows)


def _of_day(event: Event, day: date, as_of: date, lang: Lang) -> str:
    """What is to be said of the day of an event: to which one a correction moved it, and that it is still to come."""
    from shuroflow.states.judgement import show

    moved = show(day, lang)
    corrected = say(f"(訂正により {moved}) ", f"(corrected to {moved}) ") if day != event.occurred_on else ""
    return corrected + (say("(基準日より後) ", "(after the day) ") if day > as_of else "")


def _event_text(event: Event, edition: Edition, lang: Lang) -> str:
    text = edition.event_label(event.kind).render({}, lang)
    amended = event.data.seq if event.kind in {"corrected", "withdrawn"} else None
    return text if amended is None else f"{text} → {amended}"


# What may come next ---------------------------------------------------------------------------------------------------


@click.command("next", short_help="What may be recorded next, and why not. / 次の手続")
@source_argument
@case_argument
@day_option("--on", "The day on which it would happen")
@known_at_option
@overlay_option
@lang_option()
def next_command(source: str, case_id: str, on: date, known_at: datetime | None, office: Office, lang: Lang) -> None:
    """Say what may be recorded next for a case and what is checked then, and why not for the rest.

    次に記録できる出来事と、できない出来事の理由を表示する。

    With --known-at it is what the desk would have said of that day with the record as it stood then.
    """
    from shuroflow.audit.report import day_text, moment_text, one_line
    from shuroflow.cli.desk import desk
    from shuroflow.states.history import known

    with desk(source, office) as caseload:
        events = caseload.journal.read(case_id) if known_at is not None else []
        if known_at is not None and events and not known(events, known_at):
            raise _not_yet(events, source, on, known_at)
        options = caseload.next(case_id, on=on, known_at=known_at)
    click.echo(f"■ {one_line(case_id)}  {day_text(on, lang)}")
    if known_at is not None:
        click.echo(f"  {moment_text(known_at, lang)}")
    click.echo(say("\n記録できる出来事", "\nPossible"))
    for option in options:
        if option.possible:
            click.echo("\n".join(_possible(option, lang)))
    click.echo(say("\n今は記録できない出来事", "\nNot possible now"))
    for option in options:
        if not option.possible:
            click.echo("\n".join(_impossible(option, lang)))
    click.echo(
        say(
            "\n訂正 (corrected) と取消 (withdrawn) は、いつでも記録できます。",
            "\nA correction (corrected) or withdrawal (withdrawn) of an earlier record is always possible.",
        )
    )


def _possible(option: Option, lang: Lang) -> Iterator[str]:
    yield f"  {option.name(lang)} ({option.event})  {option.clause}  → {option.destination_name(lang)}"
    for finding in option.why_not:
        if finding.severity is not Severity.NOTE:
            yield f"      [{finding.severity.label(lang)}] {finding.message(lang)}"
    # Wording that speaks of what a guard sees has no values yet: what mends it says what will be asked.
    asked = dict.fromkeys((rule.citation, rule.mend.render({}, lang)) for rule in option.asks if rule.blocks)
    if asked:
        yield say("      記録のとき確かめること", "      Checked when it is recorded")
    for citation, needed in asked:
        yield f"        ・{citation}: {needed}"


def _impossible(option: Option, lang: Lang) -> Iterator[str]:
    yield f"  {option.name(lang)} ({option.event})  {option.clause}"
    for finding in option.why_not:
        yield f"      {finding.clause}: {finding.message(lang)}"
        yield f"          → {finding.mend(lang)}"


# What is due ----------------------------------------------------------------------------------------------------------


@click.command("due", short_help="Open duties of all cases by day. / 未了事項の一覧")
@source_argument
@day_option("--on", "The day asked about")
@click.option(
    "--within", type=click.IntRange(0, 36500), metavar="DAYS", help="Only what falls due within so many days."
)
@known_at_option
@overlay_option
@lang_option()
def due_command(
    source: str, on: date, within: int | None, known_at: datetime | None, office: Office, lang: Lang
) -> None:
    """List open duties and ends of period of all cases, the earliest first.

    全ケースの未了事項と期間の満了を、期日の早い順に表示する。

    With --known-at it is the list as it could have been told then: what was written down later closes no duty.
    """
    from shuroflow.audit.report import day_text, moment_text
    from shuroflow.cli.desk import desk

    if within is not None:
        within = min(within, (date.max - on).days)  # the calendar ends
    with desk(source, office) as caseload:
        items = list(caseload.due(on=on, within=within, known_at=known_at))
    items.sort(key=lambda item: (item.due or date.max, item.case_id, item.code))
    click.echo(say("■ 未了事項  基準日 ", "■ Open duties as of ") + day_text(on, lang))
    if known_at is not None:
        click.echo(f"  {moment_text(known_at, lang)}")
    click.echo(_due_table(items, lang, cases=True) if items else say("  なし", "  none"))


def _due_table(items: list[Due] | tuple[Due, ...], lang: Lang, *, cases: bool) -> str:
    from shuroflow.audit.report import one_line
    from shuroflow.states.judgement import show

    ja = lang == "ja"
    head = (
        ("期日", "閉庁日の繰下げ", "ケース", "事項", "条項", "")
        if ja
        else ("due", "moved to", "case", "duty", "clause", "")
    )
    rows = []
    for item in items:
        due = ("期日なし" if ja else "no day") if item.due is None else show(item.due, lang)
        moved = item.in_time_until
        moved_text = "" if moved is None or moved == item.due else show(moved, lang)
        late = ("期限経過" if ja else "overdue") if item.overdue else ""
        rows.append((due, moved_text, one_line(item.case_id), item.name(lang), item.clause, late))
    keep = [at for at in range(len(head)) if (cases or at != 2) and (at != 1 or any(row[1] for row in rows))]
    return table([head[at] for at in keep], [[row[at] for at in keep] for row in rows])
