"""``shuroflow show``, ``next`` and ``due``: what a journal says of a case, and what waits to be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    from shuroflow.case import Case
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
    yield from _due_lines(standing.duties, lang, cases=False)


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
@day_option("--on", "The day on which it would happen", also="--as-of")
@known_at_option
@overlay_option
@lang_option()
def next_command(source: str, case_id: str, on: date, known_at: datetime | None, office: Office, lang: Lang) -> None:
    """Say what may be recorded next for a case and what is checked then, and why not for the rest.

    次に記録できる出来事と、できない出来事の理由を表示する。

    Of a day with later records, what moves the case follows those and is met by the state they led to; it is listed
    apart.

    With --known-at it is what the desk would have said of that day with the record as it stood then.
    """
    from shuroflow.audit.report import day_text, moment_text, one_line
    from shuroflow.cli.closed import closed_line
    from shuroflow.cli.desk import desk
    from shuroflow.states import programme
    from shuroflow.states.history import case_of, effective, known

    with desk(source, office) as caseload:
        events = caseload.journal.read(case_id)
        if known_at is not None and events and not known(events, known_at):
            raise _not_yet(events, source, on, known_at)
        held = effective(events, known_at=known_at)
        if held and not effective(events, as_of=on, known_at=known_at):
            raise _not_yet(events, source, on, known_at)
        options = caseload.next(case_id, on=on, known_at=known_at)
    may = [option for option in options if option.possible]
    click.echo(f"■ {one_line(case_id)}  {day_text(on, lang)}")
    if known_at is not None:
        click.echo(f"  {moment_text(known_at, lang)}")
    standing = effective(events, as_of=on, known_at=known_at)
    is_closed = closed_line(standing, on, office=office, any_more=bool(may), lang=lang) if standing else None
    if is_closed is not None:
        click.echo(is_closed)
    last = max((event.occurred_on for event in held), default=on)
    moving: frozenset[str] = frozenset()
    if last > on:
        edition = programme(events[0].programme).edition_on(on)
        moving = edition.moving - edition.absent.keys()
        click.echo(_goes_on(case_of(events, office, known_at=known_at), last, lang))
    if may:
        click.echo(say("\n記録できる出来事", "\nPossible"))
    for option in may:
        click.echo("\n".join(_possible(option, lang)))
    # What moves a case follows all that is recorded of it: of a day of the past it is another state that forbids it.
    for after, heading in (
        (False, say("\n今は記録できない出来事", "\nNot possible now")),
        (True, say("\n後の記録に続くため記録できない出来事", "\nNot possible after the later records")),
    ):
        closed = [option for option in options if not option.possible and (option.event in moving) is after]
        if closed:
            click.echo(heading)
        for option in closed:
            click.echo("\n".join(_impossible(option, lang)))
    click.echo(
        say(
            "\n訂正 (corrected) と取消 (withdrawn) は、いつでも記録できます。",
            "\nA correction (corrected) or withdrawal (withdrawn) of an earlier record is always possible.",
        )
    )


def _goes_on(case: Case, last: date, lang: Lang) -> str:
    """That there are records of later days, until when, and the state by then, which what moves the case follows."""
    from shuroflow.states import programme
    from shuroflow.states.judgement import show

    day = show(last, lang)
    state = programme(case.programme).edition_on(last).state_name(case.state_on(last)).label(lang)
    return say(
        f"  このケースには{day}までの記録があり、その日の状態は「{state}」です。段階を進める出来事はその後に続きます。",
        f'  The case has later records, up to {day}: its state is "{state}" by then, and what moves it follows them.',
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
@day_option("--on", "The day asked about", also="--as-of")
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

    What is not owed yet on the day, such as the plan for a use that begins later, is listed apart, with the day from
    which it will be.

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
    for line in _due_lines(items, lang, cases=True):
        click.echo(line)


def _due_lines(items: Sequence[Due], lang: Lang, *, cases: bool) -> Iterator[str]:
    """What is owed, and apart from it what is not owed yet."""
    owed = [item for item in items if not item.to_come]
    coming = sorted((item for item in items if item.to_come), key=lambda item: item.arose_on)
    yield _due_table(owed, lang, cases=cases) if owed else say("  なし", "  none")
    if coming:
        yield say("\nこれから生じる事項(まだ未了ではありません)", "\nDuties to come (not owed yet)")
        yield _due_table(coming, lang, cases=cases)


def _due_table(items: Sequence[Due], lang: Lang, *, cases: bool) -> str:
    from shuroflow.audit.report import one_line
    from shuroflow.states.judgement import show

    ja = lang == "ja"
    head = (
        ("生じる日", "期日", "閉庁日の繰下げ", "ケース", "事項", "対象", "条項", "")
        if ja
        else ("from", "due", "moved to", "case", "duty", "of", "clause", "")
    )
    rows = []
    for item in items:
        due = ("期日なし" if ja else "no day") if item.due is None else show(item.due, lang)
        moved = item.in_time_until
        moved_text = "" if moved is None or moved == item.due else show(moved, lang)
        late = ("期限経過" if ja else "overdue") if item.overdue else ""
        of = one_line(item.of(lang))
        since = show(item.arose_on, lang) if item.to_come else ""
        rows.append((since, due, moved_text, one_line(item.case_id), item.name(lang), of, item.clause, late))
    # A column that says nothing of any of them is left out, and the case where all are of one.
    empty = {at for at in (0, 2, 5) if not any(row[at] for row in rows)}
    keep = [at for at in range(len(head)) if (cases or at != 3) and at not in empty]
    return table([head[at] for at in keep], [[row[at] for at in keep] for row in rows])
