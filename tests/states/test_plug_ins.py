"""Programmes of other packages: found by entry point, checked when they are put together, called by their own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import attrs
import pytest

from shuroflow.errors import InputError, UnknownProgramme
from shuroflow.events import Event, envelope, kinds_of, payload_class
from shuroflow.states import Edition, Lapse, Row, RuleTable, Wording, programme
from shuroflow.states.judgement import Named, show
from shuroflow.vocabulary import State
from tests.states.story import OFFICE, Story, edition_of

SAITAMA = edition_of("saitama")
RULES = '[rule.one]\nclause = "4(1)①"\nseverity = "violation"\nsays = {ja = "", en = ""}\nmend = {ja = "", en = ""}\n'
SHARED = {"out_of_place", "out_of_place_observed", "after_close", "after_close_observed", "text_not_on_hand"}


@attrs.frozen
class Point:
    """Stands for the entry point of an installed package."""

    load: Callable[[], Any]
    name: str = "elsewhere"
    value: str = "elsewhere:programme"


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], Any]], list[str]]]:
    """Installs a package for one test; gives the groups that were looked up since."""
    monkeypatch.setattr(envelope, "_KINDS", dict(envelope._KINDS))
    monkeypatch.setattr(envelope, "_NOWHERE", set())
    asked: list[str] = []

    def installed(load: Callable[[], Any]) -> list[str]:
        def found(group: str) -> list[Point]:
            asked.append(group)
            return [Point(load)]

        monkeypatch.setattr("importlib.metadata.entry_points", found)
        return asked

    yield installed
    programme.cache_clear()


def guard_of(name: str) -> Any:
    """A guard of a name, which always holds."""

    def guard(case: Any, event: Event, office: Any) -> None:
        return None

    guard.__name__ = name
    return guard


def edition(rules: str = RULES, *rows: Row, ladder: dict[State, str] | None = None, **more: Any) -> Edition:
    """An edition with 埼玉's clauses and one row, or those given."""
    return Edition(
        clauses=SAITAMA.clauses,
        rules=RuleTable.parse(rules, SAITAMA.clauses),
        rows=rows or (Row("listed", "4(1)①", sources={State.NEW}, dest=State.CANDIDATE),),
        ladder=ladder or {},
        in_force_from=date(2021, 4, 1),
        new_case=SAITAMA.new_case,
        **more,
    )


# -- found by entry point


def test_events_of_a_plug_in_are_found_when_they_are_met(install: Any) -> None:
    """The first event of an unknown programme imports the module that the entry point names, and no other does."""
    classes = tuple(kinds_of("saitama").values())[:3]
    loaded: list[str] = []

    def load() -> Any:
        loaded.append("elsewhere")
        envelope.register_kinds("elsewhere", classes)

    asked = install(load)
    assert payload_class("saitama", "listed") is classes[0]
    assert [] == asked
    assert [classes[0]] * 2 == [payload_class("elsewhere", "listed") for _ in range(2)]
    assert (["elsewhere"], ["shuroflow.programmes"]) == (loaded, asked)


def test_a_code_that_nobody_brings_is_looked_up_once(install: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may name it a million times; what is remembered does not grow without end."""
    asked = install(lambda: None)
    monkeypatch.setattr(envelope, "_MOST_NOWHERE", 2)
    for _ in range(3):
        with pytest.raises(UnknownProgramme):
            kinds_of("nowhere")
    assert ["shuroflow.programmes"] == asked
    for code in ("nowhere_2", "nowhere_3", "nowhere_4"):
        with pytest.raises(UnknownProgramme):
            kinds_of(code)
    assert len(envelope._NOWHERE) <= 2


def test_a_plug_in_that_cannot_be_loaded_is_named(install: Any) -> None:
    """The error of another project's code is told with the code of its programme."""

    def load() -> Any:
        raise ImportError("no module named elsewhere")

    install(load)
    with pytest.raises(UnknownProgramme, match="plug-in of 'elsewhere' cannot be loaded: no module named elsewhere"):
        kinds_of("elsewhere")


def test_a_plug_in_under_another_name_is_refused(install: Any) -> None:
    """The name of the entry point is the code of the programme; another would split its cases."""
    install(lambda: lambda: attrs.evolve(programme("saitama"), code="other"))
    with pytest.raises(UnknownProgramme, match="installed as 'elsewhere' and brings programme 'other'"):
        programme("elsewhere")


# -- checked when it is put together


def test_rules_of_the_chart_come_with_the_library() -> None:
    """A programme writes only its own rules; one of the chart that it writes itself stays as it is."""
    assert {"one", *SHARED} == set(edition().table.rules)
    own = edition(RULES.replace("rule.one", "rule.after_close"))
    assert "" == own.table.rules["after_close"].says.ja
    assert list(SAITAMA.clauses)[-1].id == edition().table.rules["text_not_on_hand"].clause


def test_everything_that_does_not_fit_is_told_at_once() -> None:
    """Guards and absent events without a rule, unknown clauses anywhere, no way to open a case."""
    with pytest.raises(InputError) as error:
        edition(
            RULES,
            Row("a", "4(1)①", sources={State.CANDIDATE}, guards=(guard_of("two"), guard_of("one"))),
            Row("b", "99", absent="three"),
            ladder={State.ENDED: "98"},
            by_itself=[Lapse(State.ENDED, State.DECLINED, "97", Wording("", ""))],
        )

    said = "\n".join(error.value.problems)
    assert all(part in said for part in ("[rule.two]", "[rule.three]", "'99'", "'98'", "'97'", "State.NEW"))
    assert "rule.one" not in said
    assert 6 == len(error.value.problems)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[rule", "not TOML"),
        ("[rules.one]\n", "unknown table"),
        (RULES.replace("violation", "grave"), "'grave', which is none of violation"),
        (RULES.replace('clause = "4(1)①"', ""), "names no clause"),
        ('[duty.one]\nwhile_open = "note"\n', "names no clause"),
        ('[event]\nlisted = {ja = "x"}\n', "listed needs"),
        ('[state]\nnew = {ja = "x", en = "x"}\n', "unknown state 'new'"),
        ('[state]\nwaiting = {ja = "x", en = "x"}\n', "unknown state 'waiting'; known: candidate"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(text: str, told: str) -> None:
    """Whoever writes a table reads what is wrong, not a traceback of ours."""
    with pytest.raises(InputError, match=r".") as error:
        RuleTable.parse(text, SAITAMA.clauses)
    assert told in str(error.value)


# -- called by its own words


def test_a_state_under_the_name_of_the_programme() -> None:
    """A refusal and the diagram call a state as the programme does; the code stays."""
    made = edition(f'{RULES}\n[state]\ncandidate = {{ja = "申込中", en = "applied"}}\n')
    case = made.new_case("case-1")
    told = Story("saitama").on("2025-04-03", kinds_of("saitama")["listed"]())
    made.fold(case, told.last, OFFICE)
    (finding,) = made.judge(case, told.last, OFFICE).findings

    assert "申込中" in finding.message("ja")
    assert "applied" in finding.message("en")
    assert "candidate" == finding.values["state"]
    assert 'state "applied" as candidate' in made.mermaid("en")
    assert State.ENDED is made.state_name(State.ENDED)


def test_a_named_state_shows_itself_in_either_language() -> None:
    """By its words, never by its code."""
    named = Named("ended", Wording(ja="満了", en="expired"))
    assert ("満了", "expired") == (show(named, "ja"), show(named, "en"))
