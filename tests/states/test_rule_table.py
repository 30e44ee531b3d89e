"""The table of rules: what is read of it, and that a fault in it is an error that names its place."""

from __future__ import annotations

import pytest

from shuroflow.clauses import load
from shuroflow.errors import InputError
from shuroflow.states.judgement import Wording
from shuroflow.states.rule_table import RuleTable
from shuroflow.vocabulary import Basis

TABLE = """
[event]
listed = { ja = "候補", en = "listing" }

[rule.heavy]
clause = "4(2)"
severity = "violation"
blocks = true
says = { ja = "重い", en = "heavy" }
mend = { ja = "軽く", en = "lighten" }

[duty.visit]
clause = "4(2)"
while_open = "observation"
when_closed = "violation"
decision = "S-17"
label = { ja = "訪問", en = "visit" }
of = { ja = "{arose}の訪問", en = "visit to {subject}" }
says = { ja = "訪問なし", en = "no visit" }
mend = { ja = "訪問する", en = "visit" }
"""


def test_a_table_is_read() -> None:
    """Rules, duties and events by their short codes; a duty is graded by where the case stands."""
    table = RuleTable.parse(TABLE, load("saitama"))
    heavy = table.rules["heavy"]
    assert ("saitama.heavy", "4(2)", True, False) == (heavy.code, heavy.clause, heavy.blocks, heavy.override)
    visit = table.duties["visit"]
    assert visit.while_open is not None
    assert visit.when_closed is not None
    assert visit.when_overdue is None
    assert (Basis.DECISION, "S-17") == (visit.while_open.basis, visit.while_open.decision)
    assert (Basis.TEXT, None) == (visit.when_closed.basis, visit.when_closed.decision)
    assert visit.while_open.once
    assert Wording(ja="{arose}の訪問", en="visit to {subject}") == visit.of
    assert ("候補", "訪問") == (table.events["listed"].ja, visit.label.ja)
    assert RuleTable({}, {}, {}) == RuleTable.parse("", load("saitama"))


def test_a_template_may_hold_braces_and_nouns() -> None:
    """What a value's place looks like: its name, in English with a noun; doubled braces are signs."""
    text = TABLE.replace('"heavy"', '"{days:day} {{since}} {who}"').replace('"重い"', '"{days}日 {{x}} {who}"')
    says = RuleTable.parse(text, load("saitama")).rules["heavy"].says
    assert ("1 day {since} A", "1日 {x} A") == tuple(says.render({"days": 1, "who": "A"}, at) for at in ("en", "ja"))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('ja = "訪問", en = "visit" }', 'ja = "訪問" }', "visit needs label.ja and label.en"),
        ('mend = { ja = "軽く", en = "lighten" }', "", "saitama.heavy needs mend.ja"),
        ('clause = "4(2)"\nwhile', 'clause = "9"\nwhile', "no clause '9'"),
        ("blocks = true", "block = true", "unknown key 'block'"),
        ("blocks = true", 'duty = "vist"', "unknown duty 'vist'; known: visit"),
        (
            '"重い"',
            '"{days:day}"',
            "saitama.heavy.says.ja: '{days:day}' puts an English noun after a number: write {days}",
        ),
        ('"heavy"', '"{x:>3}"', "saitama.heavy.says.en: '{x:>3}' has '>3' after 'x': only a noun may stand there"),
        ('"heavy"', '"{x!r}"', "does not give the plain name of a value in braces: write it like {days}"),
        ('"heavy"', '"{x.y}"', "does not give the plain name of a value"),
        ('"heavy"', '"{}"', "does not give the plain name of a value"),
        ('"heavy"', '"{x"', "saitama.heavy.says.en: '{x' is no template: expected '}' before end of string"),
        ('"lighten"', '"x}"', "saitama.heavy.mend.en: 'x}' is no template"),
        ('"候補"', '"{x:>3}"', "listed.ja: '{x:>3}' puts an English noun"),
        ('en = "visit" }\nof', 'en = "{x:>3}" }\nof', "visit.label.en: '{x:>3}' has '>3' after 'x'"),
        (
            '"{arose}の訪問"',
            '"{due}の訪問"',
            "visit.of.ja: '{due}の訪問' has no value 'due': write {subject} or {arose}",
        ),
        (
            '"visit to {subject}"',
            '"of {who}"',
            "visit.of.en: 'of {who}' has no value 'who': write {subject} or {arose}",
        ),
        ('"{arose}の訪問", en', '"{arose}の訪問", eng', "visit needs of.ja and of.en"),
    ],
)
def test_a_table_with_a_fault_names_it(old: str, new: str, named: str) -> None:
    """An incomplete rule is an error when the table is read, not when somebody is judged by it."""
    assert old in TABLE
    with pytest.raises(InputError) as error:
        RuleTable.parse(TABLE.replace(old, new), load("saitama"))
    assert named in str(error.value)
