"""The two clause tables say exactly what they should, and a wrong table is refused with every fault named."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.clauses import BUILT_IN, Clause, ClauseRegistry, Text, UnknownClause, load
from shuroflow.errors import InputError, ShuroflowError, UnknownProgramme
from shuroflow.vocabulary import Enforcement, Modality

SAITAMA = [
    "1",
    "2",
    "2但書",
    "3(1)ア",
    "3(1)イ",
    "3(2)前段",
    "3(2)後段",
    "3(3)",
    "4(1)①",
    "4(1)②",
    "4(1)③",
    "4(1)④",
    "4(1)⑤",
    "4(2)",
    "4(2)例示",
    "4(3)",
    "4(3)変更",
    "4(4)",
    "4(5)",
    "4(5)但書",
    "4(6)",
    "4(7)前段",
    "4(7)後段",
    "5①",
    "5②",
    "5③",
    "6(1)",
    "6(2)",
    "附則",
]
TSUSHIMA = [
    "前文",
    "第1条",
    "第2条",
    "第3条",
    "第4条",
    "第4条第1号",
    "第4条第1号ア",
    "第4条第1号イ",
    "第4条第1号ウ",
    "第4条第2号",
    "第5条第1項",
    "第5条第2項",
    "第5条第3項",
    "第5条第4項",
    "第6条第1項",
    "第6条第2項",
    "第6条第3項",
    "第7条第1項",
    "第7条第1項第1号",
    "第7条第1項第2号",
    "第7条第1項第3号",
    "第7条第1項第4号",
    "第7条第1項第5号",
    "第7条第2項",
    "第8条第1項",
    "第8条第1項第1号",
    "第8条第1項第2号",
    "第8条第1項第3号",
    "第8条第2項",
    "第8条第2項第1号",
    "第8条第2項第2号",
    "第8条第2項第3号",
    "第9条第1項",
    "第9条第2項",
    "第9条第3項",
    "第9条第4項",
    "第9条第4項なお書",
    "第9条第5項",
    "第9条第6項",
    "第9条第6項中段",
    "第9条第6項なお書",
    "第10条第1項",
    "第10条第2項",
    "第11条",
    "附則(平成30年)",
    "附則(平成31年)",
    "附則(令和3年)第1項",
    "附則(令和3年)第2項",
    "様式",
]
EXPECTED = {"saitama": SAITAMA, "tsushima": TSUSHIMA}
CITATION = {
    "saitama": re.compile(r"[1-6](\([1-7]\)[アイ]?)?|附則"),
    "tsushima": re.compile(r"第\d+条(第\d+項)?(第\d+号)?[アイウ]?|附則\((平成|令和)\d+年\)(第\d項)?|前文|様式"),
}
# What an official's citation leaves out of an id: our marks for a sentence.
OURS = re.compile(r"[①-⑤]|但書|前段|中段|後段|なお書|変更|例示")
DECISIONS = {
    "saitama": {f"S-{n:02}" for n in range(1, 30)},
    "tsushima": {f"T-{n:02}" for n in range(1, 51)},
}
CLAUSES = [pytest.param(p, c, id=f"{p}-{c.id}") for p in BUILT_IN for c in load(p)]
NAMES = [(p, n) for p in BUILT_IN for n in [*EXPECTED[p], *load(p).aliases]]

TABLE = """
programme = "elsewhere"
title = "ある市の要綱"
source_sha256 = "{sha}"
in_force_from = "2020-04-01"
editions = ["2018-04-01", "2020-04-01"]

[aliases]
"第1条本文" = "第1条"

[[clause]]
id = "第1条"
citation = "第1条"
modality = "MUST"
summary.ja = "要約"
summary.en = "a summary"
in_force_from = "2020-04-01"
enforced = ["guard"]
where.ja = "どこ"
where.en = "where"
decisions = []

[[clause]]
id = "第2条"
citation = "第2条"
modality = "DIR"
also = "ASN"
summary = {{ ja = "要約", en = "a summary" }}
in_force_from = 2020-04-01
in_force_to = "2024-03-31"
enforced = ["record", "discretion"]
where = {{ ja = "どこ", en = "where" }}
decisions = ["X-01"]
form = ["1", "9-1"]
items = [{{ id = "第2条ア", code = "first", ja = "一つ目", en = "the first" }}]
""".format(sha="0" * 64)


@pytest.mark.parametrize(("programme", "count"), [("saitama", 29), ("tsushima", 49)])
def test_every_clause_of_the_text_has_a_row_in_its_order(programme: str, count: int) -> None:
    """The ids are those of the text and no others, in the order of the text."""
    registry = load(programme)
    assert count == len(registry)
    assert EXPECTED[programme] == [clause.id for clause in registry]
    assert EXPECTED[programme] == list(registry.clauses)
    assert programme == registry.programme


@pytest.mark.parametrize(("programme", "clause"), CLAUSES)
def test_a_row_is_complete(programme: str, clause: Clause) -> None:
    """Each row has both languages, an enforcement, and the citation an official would write."""
    for text in (clause.summary, clause.where):
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", text.ja)
        assert text.en.isprintable()
        assert not re.search(r"[ぁ-ん一-龠]", text.en)
    assert clause.summary.ja.endswith("。")
    assert clause.summary.en.endswith(".")
    assert clause.enforced
    assert CITATION[programme].fullmatch(clause.citation)
    assert OURS.sub("", clause.id) == clause.citation
    assert set(clause.decisions) <= DECISIONS[programme]


@pytest.mark.parametrize("programme", BUILT_IN)
def test_every_decision_belongs_to_a_clause(programme: str) -> None:
    """No decision floats free of the text: each is named by at least one clause."""
    assert DECISIONS[programme] == {each for clause in load(programme) for each in clause.decisions}


@pytest.mark.parametrize("programme", BUILT_IN)
def test_a_binding_clause_is_not_left_to_discretion_alone(programme: str) -> None:
    """Only what may be done, or what the director lays down elsewhere, rests on discretion alone."""
    alone = [clause for clause in load(programme) if clause.enforced == (Enforcement.DISCRETION,)]
    assert {"2但書", "第11条"} >= {clause.id for clause in alone}


def test_the_catalogues_are_whole() -> None:
    """3(3) has its thirteen kinds, 4(2) its six examples, 様式 its eleven forms."""
    saitama, tsushima = load("saitama"), load("tsushima")
    assert list("アイウエオカキクケコサシス") == [item.id.removeprefix("3(3)") for item in saitama["3(3)"].items]
    assert len({item.code for item in saitama["3(3)"].items}) == 13
    assert [item.code for item in saitama["4(2)例示"].items] == [
        "accompaniment",
        "motivation",
        "job_search",
        "recipient_programme",
        "preparatory_course",
        "training_use",
    ]
    forms = ("1", "2", "3", "4", "5", "6", "7", "8", "9-1", "9-2", "10")
    assert forms == tsushima["様式"].forms
    assert forms == tuple(item.code for item in tsushima["様式"].items)
    assert set(forms) == {form for clause in tsushima if clause.id != "様式" for form in clause.forms}
    assert not any(clause.forms for clause in saitama)


@pytest.mark.parametrize(
    ("programme", "name", "clause", "item"),
    [
        ("saitama", "3(3)力", "3(3)", "3(3)カ"),
        ("saitama", "3(3)ケー", "3(3)", "3(3)ケ"),
        ("saitama", "4(5)ただし書", "4(5)但書", None),
        ("saitama", "附 則", "附則", None),
        ("saitama", "4（2）", "4(2)", None),
        ("tsushima", "第4条第1号[ア]", "第4条第1号ア", None),
        ("tsushima", "第9条第6項前段", "第9条第6項", None),
        ("tsushima", "様式第9-1号", "様式", "様式第9―1号"),
        ("tsushima", "様式第9－2号", "様式", "様式第9―2号"),
        ("tsushima", "附則(令和元年)", "附則(平成31年)", None),
    ],
)
def test_aliases_resolve(programme: str, name: str, clause: str, item: str | None) -> None:
    """Noise in published labels leads to the clause, and to the catalogue entry where there is one."""
    registry = load(programme)
    assert clause == registry[name].id
    assert name in registry
    if item is not None:
        assert item == registry.item(name).id


@given(st.sampled_from(NAMES), st.lists(st.integers(0, 12)), st.sampled_from(" \u3000\t"))
def test_spaces_in_a_name_do_not_matter(named: tuple[str, str], places: list[int], space: str) -> None:
    """Any name resolves to the same clause however it is spaced."""
    programme, name = named
    spaced = name
    for place in places:
        spaced = spaced[:place] + space + spaced[place:]
    assert load(programme)[name] is load(programme)[spaced]


def test_an_unknown_name_is_told_the_nearest() -> None:
    """The error is both an input and a lookup error and names the ids that a bare citation opens."""
    with pytest.raises(UnknownClause) as caught:
        load("saitama")["4(1)"]
    assert caught.value.nearest == ("4(1)①", "4(1)②", "4(1)③", "4(1)④", "4(1)⑤")
    assert isinstance(caught.value, InputError)
    assert isinstance(caught.value, LookupError)
    assert isinstance(caught.value, ShuroflowError)
    assert "4(1)①" in str(caught.value)
    assert "4(1)" not in load("saitama")
    with pytest.raises(UnknownClause, match="第9条第6項"):
        load("tsushima")["9条6項"]
    with pytest.raises(UnknownClause):
        load("saitama")["よそ"]


def test_a_clause_is_not_an_item() -> None:
    """Asking a clause for its catalogue entry is an error that names entries."""
    with pytest.raises(UnknownClause) as caught:
        load("saitama").item("3(3)")
    assert caught.value.nearest[0] == "3(3)ア"


def test_unknown_programme() -> None:
    """Only built-in codes load; the error names them."""
    with pytest.raises(UnknownProgramme, match="saitama, tsushima"):
        load("elsewhere")


def test_loading_twice_gives_the_same_registry() -> None:
    """The tables are read once."""
    assert load("saitama") is load("saitama")


def test_dates_in_force() -> None:
    """A row counts on its first and its last day and not outside them."""
    first, second = ClauseRegistry.parse(TABLE)
    assert (date(2018, 4, 1), date(2020, 4, 1)) == ClauseRegistry.parse(TABLE).editions
    registry = ClauseRegistry.parse(TABLE)
    assert registry.in_force(date(2020, 3, 31)) == ()
    assert (first, second) == registry.in_force(date(2020, 4, 1))
    assert (first, second) == registry.in_force(date(2024, 3, 31))
    assert (first,) == registry.in_force(date(2024, 4, 1))
    for programme, start in (("saitama", date(2021, 4, 1)), ("tsushima", date(2021, 6, 28))):
        assert start == load(programme).in_force_from == load(programme).editions[-1]
        assert len(load(programme)) == len(load(programme).in_force(start))


def test_a_table_of_ones_own() -> None:
    """A plug-in's text gives the same kind of registry, with every optional field read."""
    clause = ClauseRegistry.parse(TABLE)["第2条ア"]
    assert (clause.modality, clause.also) == (Modality.DIRECT, Modality.AS_NEEDED)
    assert clause.enforced == (Enforcement.RECORD, Enforcement.DISCRETION)
    assert (clause.forms, clause.decisions) == (("1", "9-1"), ("X-01",))
    assert (clause.text(), clause.text("en")) == ("要約", "a summary")
    assert Text("一つ目", "the first") == clause.items[0].text
    assert ClauseRegistry.parse(TABLE)["第1条本文"].id == "第1条"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('programme = "elsewhere"', 'programme = "Else where"', "$.programme"),
        ('title = "ある市の要綱"', "", "$.title: is missing"),
        ("0" * 64, "0" * 63, "$.source_sha256"),
        ('in_force_from = "2020-04-01"\neditions', 'in_force_from = "2019-04-01"\neditions', "$.in_force_from"),
        ('["2018-04-01", "2020-04-01"]', '["2020-04-01", "2018-04-01"]', "$.editions"),
        ('["2018-04-01", "2020-04-01"]', "[]", "$.editions"),
        ('["2018-04-01", "2020-04-01"]', '["令和2年"]', "$.editions"),
        ('= "第1条"\n\n[[', '= "第9条"\n\n[[', "$.aliases.第1条本文"),
        ('"第1条本文" = ', '"第2条ア" = ', "$.aliases.第2条ア"),
        ('modality = "MUST"', 'modality = "WILL"', "$.clause[0].modality"),
        ('also = "ASN"', "also = 3", "$.clause[1].also"),
        ('summary.en = "a summary"\n', "", "$.clause[0].summary.en: is missing"),
        ('summary.ja = "要約"', 'summary.ja = " "', "$.clause[0].summary.ja"),
        ('summary = { ja = "要約", en = "a summary" }', 'summary = "要約"', "$.clause[1].summary"),
        ('enforced = ["guard"]', "enforced = []", "$.clause[0].enforced"),
        ('enforced = ["guard"]', 'enforced = "guard"', "$.clause[0].enforced"),
        ('enforced = ["guard"]', 'enforced = ["guard", "guard"]', "$.clause[0].enforced"),
        ('enforced = ["guard"]', 'enforced = ["guards"]', "$.clause[0].enforced"),
        ('decisions = ["X-01"]', 'decisions = ["X1"]', "$.clause[1].decisions"),
        ("in_force_from = 2020-04-01\n", "in_force_from = 2020-04-01T00:00:00\n", "$.clause[1].in_force_from"),
        ('in_force_to = "2024-03-31"', 'in_force_to = "2020-03-31"', "$.clause[1].in_force_to"),
        ('id = "第2条"', 'id = "第1条"', "$.clause[1].id"),
        ('citation = "第1条"', 'citaton = "第1条"', "$.clause[0].citaton: is not a known key"),
        ('code = "first"', 'code = "First"', "$.clause[1].items[0].code"),
        ('id = "第2条ア"', 'id = "第1条"', "$.clause[1].items"),
        ("items = [{", "items = [3, {", "$.clause[1].items"),
        ('form = ["1", "9-1"]', "form = [1]", "$.clause[1].form"),
    ],
)
def test_a_wrong_table_is_one_error_with_its_path(old: str, new: str, problem: str) -> None:
    """Each single fault is found and named with its path."""
    assert TABLE.count(old) == 1
    with pytest.raises(InputError) as caught:
        ClauseRegistry.parse(TABLE.replace(old, new))
    assert any(each.startswith(problem) for each in caught.value.problems)
    assert caught.value.problems[0] in str(caught.value)


def test_all_faults_at_once() -> None:
    """Two faults give one error that lists both."""
    with pytest.raises(InputError) as caught:
        ClauseRegistry.parse(TABLE.replace('"MUST"', '"WILL"').replace('"guard"', '"gourd"'))
    assert [each.split(":")[0] for each in caught.value.problems] == ["$.clause[0].modality", "$.clause[0].enforced"]
    assert "and 1 more" in str(caught.value)


@pytest.mark.parametrize("text", ["", 'clause = "x"', "clause = []", "[clause]\n[aliases]\na = 1"])
def test_a_table_of_another_shape(text: str) -> None:
    """TOML that is no clause table at all is refused, not half read."""
    with pytest.raises(InputError) as caught:
        ClauseRegistry.parse(text)
    assert any(each.startswith("$.clause") for each in caught.value.problems)


def test_malformed_toml_names_the_line() -> None:
    """Text that is not TOML gives one input error with the line."""
    with pytest.raises(InputError, match="not TOML") as caught:
        ClauseRegistry.parse('programme = "saitama"\ntitle = \n')
    assert caught.value.line == 2


@given(st.text(max_size=200))
def test_any_text_is_a_registry_or_an_input_error(text: str) -> None:
    """No text makes the reader fail in any other way."""
    with pytest.raises(InputError):
        ClauseRegistry.parse(text)


@given(st.integers(0, len(TABLE) - 1), st.integers(1, 40))
def test_a_cut_table_is_read_or_refused(start: int, length: int) -> None:
    """Cutting any piece out of a table leaves a table or an input error, never another exception."""
    with suppress(InputError):
        assert 1 <= len(ClauseRegistry.parse(TABLE[:start] + TABLE[start + length :])) <= 2
