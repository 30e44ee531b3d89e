"""An adapter says all that it claims, and is tried on exactly that; the kit stays out of the way of everybody else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import shuroflow.verification.journals
from shuroflow.errors import installing
from shuroflow.storage import Journal, MemoryJournal
from shuroflow.verification import JournalPromises
from shuroflow.verification.journals.claims import CLAIMS, promises

SAID = dict.fromkeys(CLAIMS, False)


def opened(_tests: JournalPromises, _folder: Path) -> Journal:
    """A journal."""
    return MemoryJournal()


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_must_be_made_or_denied(claim: str) -> None:
    """A class that leaves a claim out cannot be made, and is told which and what it means."""
    said = {name: value for name, value in SAID.items() if name != claim}
    with pytest.raises(TypeError, match=f"TestMine lacks: {claim} = True or False .*{CLAIMS[claim][:20]}"):
        type("TestMine", (JournalPromises,), {**said, "open": opened})


def test_everything_that_lacks_is_told_at_once() -> None:
    """Every claim and the way to open are asked for in one error."""
    with pytest.raises(TypeError) as caught:
        type("TestMine", (JournalPromises,), {})
    assert [] == [name for name in (*CLAIMS, "open(self, folder)") if name not in str(caught.value)]


def test_a_durable_store_can_be_tampered_with() -> None:
    """Who claims to be durable says how the store is changed from outside."""
    with pytest.raises(TypeError, match=r"lacks: tamper\(self, folder, position, body\)"):
        type("TestMine", (JournalPromises,), {**SAID, "durable": True, "open": opened})


def test_processes_share_a_durable_store() -> None:
    """A claim that makes no sense without another is refused."""
    with pytest.raises(TypeError, match="`durable` and `shared`"):
        type("TestMine", (JournalPromises,), {**SAID, "processes": True, "open": opened})


@pytest.mark.parametrize("claimed", [False, True])
def test_nothing_is_skipped(claimed: bool) -> None:
    """For every claim there are tests if it is made and another if it is not; never both, never none."""
    said = {**dict.fromkeys(CLAIMS, claimed), "open": opened, "tamper": lambda *_: None}
    made = type("TestMine", (JournalPromises,), said)
    for claim in CLAIMS:
        tests = {name: test.__claim__[1] for name, test in promises(JournalPromises) if _claim(test) == claim}
        assert {True, False} == set(tests.values())
        assert {name for name, wanted in tests.items() if wanted == claimed} == {
            name for name in tests if getattr(made, name) is not None
        }
    everybody = [name for name, test in promises(JournalPromises) if _claim(test) is None]
    assert len(everybody) > 40
    assert all(getattr(made, name) is not None for name in everybody)


def _claim(test: object) -> object:
    return getattr(test, "__claim__", (None,))[0]


def test_a_class_may_change_its_mind() -> None:
    """A subclass that claims what its base does not gets the tests that were left out there, and loses others."""
    base = type("TestBase", (JournalPromises,), {**SAID, "open": opened})
    more = type("TestMore", (base,), {"bulk": True})
    assert (None, None) == (base.test_a_load_of_nothing, more.test_it_offers_no_load)
    assert more.test_a_load_of_nothing is JournalPromises.test_a_load_of_nothing
    assert base.test_it_offers_no_load is JournalPromises.test_it_offers_no_load


def test_every_test_says_what_it_is_about() -> None:
    """Each promise has a docstring, which is what the reader of a failure is told."""
    assert [] == [name for name, test in promises(JournalPromises) if not (test.__doc__ or "").endswith(".")]


# ---------------------------------------------------------------- the kit as a package


def run(code: str) -> str:
    """What Python prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_nothing_else_imports_it() -> None:
    """Whoever imports the library, its stores and its command line loads neither the kit nor what it needs."""
    code = "import sys, shuroflow, shuroflow.storage, shuroflow.cli; "
    code += "print([name for name in sys.modules if name.split('.')[0] in ('hypothesis', 'pytest', '_pytest') "
    code += "or name.startswith('shuroflow.verification')])"
    assert "[]\n" == run(code)


@pytest.mark.parametrize("missing", ["hypothesis", "pytest"])
def test_without_the_extra(missing: str) -> None:
    """Where the extra is not installed the import says which package is missing and how to get it."""
    code = f"import sys; sys.modules[{missing!r}] = None\ntry:\n    import shuroflow.verification.journals\n"
    code += "except ModuleNotFoundError as error:\n    print(error)"
    assert f"shuroflow.verification needs {missing}: {installing('verification')}\n" == run(code)


KIT = (
    *("__init__", "appending", "campaign", "claims", "events", "journal", "killing", "lasting", "loading"),
    *("machine", "oracle", "processes", "reading", "sharing"),
)
"""The modules of the kit for adapters."""


@pytest.mark.parametrize("name", KIT)
def test_it_stands_on_its_own(name: str) -> None:
    """The kit is for adapters of others: it imports nothing of the tests, and no adapter of ours."""
    path = Path(str(shuroflow.verification.journals.__file__)).parent / f"{name}.py"
    found = [
        name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    ]
    ours = ("tests", "shuroflow.storage.memory", "shuroflow.storage.jsonl", "shuroflow.storage.sql")
    assert [] == [name for name in found if name.startswith(ours)]


def test_the_oracle_asks_nobody() -> None:
    """What is expected is worked out without the codec and without the helpers of the adapters."""
    folder = Path(str(shuroflow.verification.journals.__file__)).parent
    for name in ("oracle", "machine"):
        found = ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8")))
        imports = [node for node in found if isinstance(node, ast.ImportFrom) and node.module]
        names = {each.name for node in imports if "storage" in str(node.module) for each in node.names}
        assert names <= {"Appended", "Bulk", "Journal", "Record"}


def test_public_names() -> None:
    """The names that others build on are sorted, and there."""
    kit: ModuleType = shuroflow.verification.journals
    assert sorted(set(kit.__all__)) == kit.__all__
    assert [] == [name for name in kit.__all__ if not hasattr(kit, name)]
