"""What an office lays over the built-in answers: every key of it does something, and a wrong one is named."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.audit.replay import CaseReport, replay
from shuroflow.calendar import FirstDay, OfficeCalendar, period_end
from shuroflow.errors import MissingFigure, UnusableOffice
from shuroflow.events import Event
from shuroflow.states.figures import PARAMETERS, Figures
from shuroflow.states.means_test import DeductionBasis, Standard
from shuroflow.states.office import Office, Settings
from shuroflow.vocabulary import Basis, Severity
from tests.states.saitama_stories import VISIT, course
from tests.states.story import AS_OF, ES, OFFICER, Story
from tests.states.tsushima_stories import PLAN, REVIEW, applied_on, workplace
from tests.states.tsushima_stories import course as use
from tests.states.tsushima_stories import t03 as t03_record


def audited(events: list[Event], overlay: str = "", as_of: date = AS_OF) -> CaseReport:
    """The audit of one record by an office with an overlay."""
    report = replay(events, as_of=as_of, office=Office.parse(overlay))
    assert report is not None
    return report


def codes(report: CaseReport, severity: Severity = Severity.OBSERVATION) -> list[str]:
    """Rules of that severity that spoke."""
    return [finding.rule.code for finding in report.findings if finding.severity is severity]


# The document -------------------------------------------------------------------------------------------------------


def test_an_empty_overlay_changes_nothing() -> None:
    """Nothing in it has to be said."""
    assert Office() == Office.parse("") == Office.parse("[settings]\n[calendar]\n[figures]\n")
    assert Settings() == Settings.parse({})


@given(
    first_day=st.sampled_from(get_args(FirstDay)),
    standard=st.sampled_from(get_args(Standard)),
    deduction_basis=st.sampled_from(get_args(DeductionBasis)),
    days=st.tuples(*[st.integers(1, 36_500)] * 3),
    given_names=st.sets(st.sampled_from([field.name for field in attrs.fields(Settings)])),
)
def test_every_setting_is_read(
    first_day: str, standard: str, deduction_basis: str, days: tuple[int, int, int], given_names: set[str]
) -> None:
    """What is said is taken, what is not said stays as it was."""
    values: dict[str, Any] = {
        "first_day": first_day,
        "standard": standard,
        "deduction_basis": deduction_basis,
        "plan_due_days": days[0],
        "review_interval_days": days[1],
        "contact_gap_days": days[2],
    }
    assert set(values) == {field.name for field in attrs.fields(Settings)}
    said = {name: values[name] for name in sorted(given_names)}
    lines = [f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}" for name, value in said.items()]
    if ("national_table", "law_on_application_date") == (said.get("standard"), said.get("deduction_basis")):
        with pytest.raises(UnusableOffice):
            Office.parse("\n".join(["[settings]", *lines]))
        return
    settings = Office.parse("\n".join(["[settings]", *lines])).settings
    assert {**attrs.asdict(Settings()), **said} == attrs.asdict(settings)


@pytest.mark.parametrize("standard", get_args(Standard))
@pytest.mark.parametrize("basis", get_args(DeductionBasis))
def test_two_settings_that_contradict_each_other(standard: Standard, basis: DeductionBasis) -> None:
    """The national table has a schedule by income year only: the one pair of the four is refused wherever it is made.

    Each of the two alone, and both the other way round, is a setting like any other, and the cases are judged by it.
    """
    overlay = f'[settings]\nstandard = "{standard}"\ndeduction_basis = "{basis}"'
    makers = (
        lambda: Settings(standard=standard, deduction_basis=basis),
        lambda: attrs.evolve(Settings(standard=standard), deduction_basis=basis),
        lambda: attrs.evolve(Settings(deduction_basis=basis), standard=standard),
        lambda: Settings.parse({"standard": standard, "deduction_basis": basis}),
        lambda: Office.parse(overlay).settings,
    )
    if (standard, basis) != ("national_table", "law_on_application_date"):
        assert {Settings(standard=standard, deduction_basis=basis)} == {make() for make in makers}
        assert audited(use("use_approved").events, overlay, as_of=date(2025, 7, 1)).case is not None
        return
    for make in makers:
        with pytest.raises(UnusableOffice) as error:
            make()
        said = str(error.value)
        assert said.startswith(f'settings: standard = "{standard}" and deduction_basis = "{basis}" contradict')
        assert said.endswith("leave one of the two out")


@pytest.mark.parametrize(
    ("overlay", "named"),
    [
        ("settings", "TOML"),
        ("[colours]\nred = 1", "colours"),
        ("settings = 3", "settings"),
        ("[[calendar]]\nclosed = []", "calendar"),
        ("[settings]\nfirst_dya = 'counted'", "settings.first_dya"),
        ("[settings]\nfirst_day = 'skipped'", "settings.first_day"),
        ("[settings]\nstandard = 1", "settings.standard"),
        ("[settings]\ndeduction_basis = ['income_year']", "settings.deduction_basis"),
        ("[settings]\nplan_due_days = 0", "settings.plan_due_days"),
        ("[settings]\nplan_due_days = true", "settings.plan_due_days"),
        ("[settings]\nreview_interval_days = '92'", "settings.review_interval_days"),
        ("[settings]\nreview_interval_days = 99999999999", "settings.review_interval_days"),
        ("[settings]\ncontact_gap_days = 1.5", "settings.contact_gap_days"),
        ("[calendar]\nclosd = []", "calendar.closd"),
        ("[calendar]\nclosed = 2026-08-14", "calendar.closed"),
        ("[calendar]\nclosed = ['14 August']", "calendar.closed"),
        ("[calendar]\nclosed = [2026-08-14T09:00:00]", "calendar.closed"),
        ("[calendar]\nclosed = [14]", "calendar.closed"),
        ("[calendar]\nclosed = [2031-08-14]", "calendar.closed"),
        ("[calendar]\nholidays = ['2031-01-01']", "calendar.holidays"),
        ("[calendar]\nfirst_year = 2018\nlast_year = 2031\nholidays = { 'new year' = '元日' }", "calendar.holidays"),
        ("[calendar]\nlast_year = 2031\nholidays = { '2031-01-01' = '元日' }", "calendar.first_year"),
        (
            "[calendar]\nfirst_year = 2018\nlast_year = true\nholidays = { '2031-01-01' = '元日' }",
            "calendar.last_year",
        ),
        ("[calendar]\nfirst_year = 2020\nlast_year = 2031\nholidays = { '2031-01-01' = '元日' }", "calendar.holidays"),
        ("[calendar]\nfirst_year = 2018\nlast_year = 2032\nholidays = { '2031-01-01' = '元日' }", "calendar.holidays"),
        ("[calendar]\nlast_year = 2031", "calendar.last_year"),
        ("figures = 7", "figures"),
        ("[[figures.levy]]\nfrom = 2021", "levy: not a parameter"),
        ("[figures]\nlevy_base = 280000", "levy_base: give one or more spans"),
        (
            "[[figures.levy_base]]\nfrom = 2021\nto = 2026\nvalue = 1\nsource = 'x'",
            "levy_base[0]: verified is missing: write true or false",
        ),
        (
            "[[figures.levy_base]]\nfrom = 2021\nto = 2026\nvalue = -1\nsource = 'x'\nverified = true",
            "levy_base[0].value",
        ),
        (
            "[[figures.housing_ceiling]]\nfrom = 2021\nto = 2026\nvalue = [1]\nsource = 'x'\nverified = true",
            "housing_ceiling[0].from",
        ),
        (
            "[[figures.levy_base]]\nfrom = 2030\nto = 2031\nvalue = 1\nsource = 'x'\nverified = true",
            "levy_base: no value from 2027",
        ),
    ],
)
def test_a_wrong_overlay_is_one_error_that_names_the_key(overlay: str, named: str) -> None:
    """Whatever is wrong in it, the office hears where."""
    with pytest.raises(UnusableOffice) as error:
        Office.parse(overlay)
    assert named in str(error.value)
    assert "\n" not in str(error.value)


# What each setting changes --------------------------------------------------------------------------------------------


@given(start=st.dates(date(2022, 1, 1), date(2026, 1, 1)))
def test_the_first_day_excluded_makes_a_period_begin_a_day_later(start: date) -> None:
    """民法140: where the day of the start does not count, the three months are counted from the next."""
    told = course("support_started").events
    told[-1] = attrs.evolve(told[-1], data=attrs.evolve(told[-1].data, start_on=start))
    counted, excluded = audited(told), audited(told, '[settings]\nfirst_day = "excluded"')
    assert counted.period is not None
    assert excluded.period is not None
    assert (start, period_end(start, months=3)) == (counted.period.start, counted.period.end)
    assert (start, period_end(start, months=3, first_day="excluded")) == (excluded.period.start, excluded.period.end)
    assert excluded.period.end > counted.period.end or start.day > 27


def test_the_last_day_of_a_period_hangs_on_the_first() -> None:
    """A visit on 15 July lies after a period that counts 15 April, and within one that does not."""
    told = course("visit_2").on("2025-07-15", VISIT, by=ES).events
    late = "saitama.support_within_period"
    assert late in codes(audited(told), Severity.VIOLATION)
    assert late not in codes(audited(told, '[settings]\nfirst_day = "excluded"'), Severity.VIOLATION)


@pytest.mark.parametrize(("limit", "found"), [(23, True), (24, False), (60, False)])
def test_an_office_that_limits_the_gap_between_contacts(limit: int, found: bool) -> None:
    """4(2) leaves the rhythm to the office: with a limit of its own, a longer gap is to be looked at."""
    told = course("interview", interview=None).each(("2025-05-16", "2025-06-01"), VISIT, by=ES).events  # 24 and 16 days
    report = audited(told, f"[settings]\ncontact_gap_days = {limit}", as_of=date(2025, 6, 2))
    assert found is ("saitama.contact_gap" in codes(report))
    if found:
        (finding,) = [each for each in report.findings if each.rule.code == "saitama.contact_gap"]
        assert ({"gap": 24, "limit": 23}, Basis.DECISION) == (finding.values, finding.rule.basis)
    assert "saitama.contact_gap" not in codes(audited(told, as_of=date(2025, 6, 2)))


@pytest.mark.parametrize(("as_of", "due"), [("2025-07-15", False), ("2025-07-16", True)])
def test_an_office_that_gives_a_plan_fourteen_days(as_of: str, due: bool) -> None:
    """第11条: begun on 1 July, the plan is due on the 15th; the day is told with the finding."""
    told = use("use_started").events
    overlay = "[settings]\nplan_due_days = 14"
    report = audited(told, overlay, as_of=date.fromisoformat(as_of))
    (finding,) = [each for each in report.findings if each.rule.code == "tsushima.plan"]
    assert date(2025, 7, 15) == finding.values["due"]
    assert Severity.OBSERVATION is finding.severity
    (duty,) = [each for each in report.case.duties.values() if each.code == "plan"]
    assert (date(2025, 7, 15), due) == (duty.due, date.fromisoformat(as_of) > date(2025, 7, 15))
    (usual,) = [each for each in audited(told).case.duties.values() if each.code == "plan"]
    assert usual.due is None
    made = Story("tsushima", events=list(told)).on("2025-07-16", PLAN, by=OFFICER).events
    assert "tsushima.plan" not in codes(audited(made, overlay, as_of=date(2025, 8, 1)))


@pytest.mark.parametrize(
    ("reviewed", "as_of", "found"),
    [
        (None, "2025-10-01", False),  # 92 days after 1 July
        (None, "2025-10-02", True),
        ("2025-10-02", "2025-10-02", False),
        ("2025-10-02", "2026-01-02", False),
        ("2025-10-02", "2026-01-03", True),
        ("2025-12-30", "2030-01-01", False),  # after 31 March nobody has to review any more
    ],
)
def test_an_office_that_asks_for_a_review_every_quarter(reviewed: str | None, as_of: str, found: bool) -> None:
    """第11条: with a longest time between reviews, a longer one is to be looked at while the use lasts."""
    story = use("plan_made")
    if reviewed is not None:
        story.on(reviewed, REVIEW, by=OFFICER)
    report = audited(story.events, "[settings]\nreview_interval_days = 92", as_of=date.fromisoformat(as_of))
    assert found is ("tsushima.review_interval" in codes(report))
    assert "tsushima.review_interval" not in codes(audited(story.events, as_of=date.fromisoformat(as_of)))


# Figures and standards ------------------------------------------------------------------------------------------------

INCOME = "tsushima.income_within_limit"


def span(parameter: str, value: object, first: object = 2017, last: object = 2026) -> str:
    """One span of an overlay."""
    return f'[[figures.{parameter}]]\nfrom = {first}\nto = {last}\nvalue = {value}\nsource = "条例"\nverified = true\n'


@pytest.mark.parametrize(
    ("overlay", "passes"),
    [
        ("", False),
        (span("levy_base", 280_011), False),  # 109,501 needs twelve yen a year more
        (span("levy_base", 280_012), True),
        (span("levy_supplement", 100_012), True),
        (span("salary_deduction_minimum", 550_012), True),
        (span("housing_ceiling", [32_001], "2018-11-01", "2027-06-30"), True),
        (span("levy_addition", 999_999), False),  # nobody else in this household
    ],
)
def test_a_changed_figure_changes_the_verdict(overlay: str, passes: bool) -> None:
    """One yen too much of income becomes enough with the figures of another city, and not a yen before."""
    assert passes is (INCOME not in codes(audited(t03_record(), overlay), Severity.VIOLATION))


def test_an_office_figure_is_named_verified() -> None:
    """What the office vouches for is no longer listed among the figures nobody has verified."""
    usual, own = audited(t03_record()), audited(t03_record(), span("levy_base", 280_000))

    def unverified(report: CaseReport) -> tuple[str, ...]:
        (finding,) = [each for each in report.findings if each.rule.code == "tsushima.figures_verified"]
        named: tuple[str, ...] = finding.values["parameters"]
        return named

    assert set(unverified(usual)) - set(unverified(own)) == {
        name for name in unverified(usual) if name not in unverified(own)
    }
    assert len(unverified(own)) == len(unverified(usual)) - 1


def test_a_figure_beyond_the_built_in_years() -> None:
    """An application of 2027 cannot be judged until the office brings the figures, all of them."""
    told = applied_on("2027-08-02").events
    missing = audited(told, as_of=date(2027, 9, 1))
    assert "tsushima.figures_known" in codes(missing) + codes(missing, Severity.VIOLATION)
    overlay = "".join(
        span(name, value, first, last)
        for name, value, first, last in [
            ("salary_deduction_minimum", 650_000, 2026, 2026),
            ("levy_base", 280_000, 2027, 2027),
            ("levy_addition", 168_000, 2027, 2027),
            ("levy_supplement", 100_000, 2027, 2027),
            ("housing_ceiling", [32_000], "2027-07-01", "2028-06-30"),
        ]
    )
    brought = audited(told, overlay, as_of=date(2027, 9, 1))
    assert "tsushima.figures_known" not in codes(brought) + codes(brought, Severity.VIOLATION)
    with pytest.raises(MissingFigure):
        Figures.default().levy_base(2027)
    assert 280_000 == Office.parse(overlay).figures.levy_base(2027).value
    assert set(PARAMETERS) == set(Office.parse(overlay).figures.series)


@pytest.mark.parametrize(
    "overlay", ['[settings]\nstandard = "national_table"', '[settings]\ndeduction_basis = "law_on_application_date"']
)
def test_an_office_that_calculates_otherwise_says_so(overlay: str) -> None:
    """The text's own standard needs no word; any other is told with each decision."""
    told = use("use_approved").events
    code = "tsushima.text_standard_used"
    spoken = [each.rule.code for each in audited(told, overlay, as_of=date(2025, 7, 1)).findings]
    assert code in spoken
    assert code not in [each.rule.code for each in audited(told, as_of=date(2025, 7, 1)).findings]


def test_the_law_of_the_day_raises_the_limit() -> None:
    """From December 2025 the law has 65万円, the year the text points to 55万円: an income in between passes."""
    told = applied_on("2025-12-10", income=115_000, assets_as_of=date(2025, 12, 10)).events
    law = '[settings]\ndeduction_basis = "law_on_application_date"'
    assert INCOME in codes(audited(told), Severity.VIOLATION)
    assert INCOME not in codes(audited(told, law), Severity.VIOLATION)


# The calendar -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "paid", "late"),
    [
        ("", "2025-11-19", False),
        ("", "2025-11-20", True),
        ("2025-11-19", "2025-11-20", False),
        ("2025-11-19, 2025-11-20", "2025-11-21", False),
        ("2025-11-19", "2025-11-21", True),
        ("2025-11-20", "2025-11-20", True),
    ],
)
def test_a_closed_day_moves_the_last_day_of_a_payment(closed: str, paid: str, late: bool) -> None:
    """Claimed on 20 October 2025: the thirtieth day is 19 November, or the next day this office is open."""
    told = workplace(claim_paid=paid).events
    report = audited(told, f"[calendar]\nclosed = [{closed}]", as_of=date(2025, 12, 1))
    assert late is ("tsushima.paid_within_thirty_days" in codes(report, Severity.VIOLATION))


def test_days_may_be_written_as_people_write_them() -> None:
    """A day of a calendar is a TOML date or any way of writing one."""
    office = Office.parse('[calendar]\nclosed = [2026-08-13, "令和8年8月14日"]')
    assert {date(2026, 8, 13), date(2026, 8, 14)} == office.calendar.closed
    assert office.calendar.is_closed(date(2026, 8, 14))
    assert not OfficeCalendar.default().is_closed(date(2026, 8, 14))


def test_a_calendar_can_be_carried_on() -> None:
    """With the holidays of another year its days can be told; the built-in ones stay."""
    office = Office.parse(
        '[calendar]\nfirst_year = 2018\nlast_year = 2031\nholidays = { "2031-02-11" = "建国記念の日" }\n'
        "closed = [2031-08-14]"
    )
    assert "建国記念の日" == office.calendar.closed_because(date(2031, 2, 11))
    assert office.calendar.is_closed(date(2031, 8, 14))
    assert "元日" == office.calendar.closed_because(date(2030, 1, 1))
    with pytest.raises(MissingFigure):
        OfficeCalendar.default().is_closed(date(2031, 2, 12))


def test_an_office_does_not_change_another() -> None:
    """Overlays are laid over copies: the built-in office judges as before."""
    before = audited(t03_record())
    audited(t03_record(), span("levy_base", 400_000) + "[calendar]\nclosed = [2026-08-14]")
    assert before.findings == audited(t03_record()).findings
    assert Office() == Office.parse("")
