"""An audit that was interrupted goes on where it was, and yields what an uninterrupted one does; or it is refused."""

from __future__ import annotations

import copyreg
import os
import pickle
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shuroflow.audit import Item, Receipt, Spool, audit, process_pool, spool, write_json
from shuroflow.audit import source as auditing
from shuroflow.audit.judging import Question, Taken, Verdict, judged
from shuroflow.audit.receipt import office_sha256
from shuroflow.errors import InputError, OutputTaken, Unresumable
from shuroflow.simulation import write as simulate
from shuroflow.states import Office
from shuroflow.states.judgement import Named, Wording
from shuroflow.storage import filelock, open_journal
from tests.audit.records import interleaved, line, story, write
from tests.states.story import JST

AS_OF = date(2026, 11, 21)

quick = settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LINES", 100)


def told(items: Iterator[Item]) -> list[object]:
    """What was yielded, in a form that compares by value."""
    return [str(item) + repr(vars(item)) if isinstance(item, InputError) else item for item in items]


@pytest.fixture
def caseload(tmp_path: Path) -> Path:
    """A folder of two offices: bad lines, strays, a case in both, a torn end."""
    folder = tmp_path / "caseload"
    folder.mkdir()
    simulate(40, 3, 0.3, folder / "a.jsonl")
    first = (folder / "a.jsonl").read_bytes().splitlines(keepends=True)
    first[40:40] = [b"nonsense\n", line(story("S01")[0])]
    first[90] = first[90].replace(b'"seq":', b'"seq":9')
    (folder / "a.jsonl").write_bytes(b"".join(first))
    second = interleaved(folder / "b.jsonl", *map(story, ["S01", "S02", "T02", "S08"]))
    second.write_bytes(second.read_bytes() + line(story("S03")[0])[:-1])
    return folder


def stop(items: Iterator[Item], after: int | None = None) -> None:
    """Take so many of the items, or all; then Ctrl-C."""
    list(islice(items, after))
    raise KeyboardInterrupt


def interrupted(path: Path, source: Path | str, *, after: int | None = None, **question: Any) -> bytes:
    """The record of an audit that was interrupted after so many items, or when all were judged."""
    path.unlink(missing_ok=True)
    with pytest.raises(KeyboardInterrupt), Spool(path) as kept:
        stop(audit([source], **{"as_of": AS_OF, **question}, spool=kept), after)
    return path.read_bytes()


def resumed(path: Path, source: Path | str, **question: Any) -> tuple[list[object], int]:
    """What the audit yields that goes on, and how many cases it judges."""
    cases: list[Taken] = []
    judged = auditing.judged

    def counting(taken: Iterator[Taken], question: Question) -> Iterator[tuple[Taken, Verdict[Item]]]:
        for case, verdict in judged(taken, question):
            cases.append(case)
            yield case, verdict

    with mock.patch.object(auditing, "judged", counting), Spool(path, resume=True) as kept:
        found = told(audit([source], **{"as_of": AS_OF, **question}, spool=kept))
    assert not path.exists()
    return found, len(cases)


def refused(
    path: Path,
    source: Path | str,
    match: str,
    *,
    resume: bool = True,
    kind: type[InputError] = Unresumable,
    **question: Any,
) -> InputError:
    """The audit is not made, says why in one sentence that names the file, and leaves the file as it is."""
    before = path.read_bytes()
    with pytest.raises(InputError, match=match) as caught, Spool(path, resume=resume) as kept:
        list(audit([source], **{"as_of": AS_OF, **question}, spool=kept))
    assert (kind, str(path)) == (type(caught.value), caught.value.file)
    assert not kept.holds
    assert before == path.read_bytes()
    return caught.value


@given(where=st.floats(0, 1))
@quick
def test_cut_at_any_byte(tmp_path: Path, caseload: Path, where: float) -> None:
    """However little of the record is left, the items are the same; what is left is not judged again."""
    alone = told(audit([caseload], as_of=AS_OF))
    path = tmp_path / "report.partial"
    whole = interrupted(path, caseload)
    cut = round(where * len(whole))
    path.write_bytes(whole[:cut])
    if cut < len(spool._MAGIC):  # of so little nobody can tell whose it is
        refused(path, caseload, "is no record of an audit", kind=OutputTaken)
        return
    found, judged = resumed(path, caseload)
    assert alone == found
    path.write_bytes(whole.partition(b"\n")[0])
    _, of_all = resumed(path, caseload)
    assert judged == 0 if cut == len(whole) else judged <= of_all
    frames = whole.count(b"\x80\x05\x95")  # each pickle begins so
    assert frames > 4
    if cut > len(whole) * 0.7:
        assert judged < of_all


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@quick
def test_a_changed_bit(tmp_path: Path, caseload: Path, where: float, bit: int) -> None:
    """Whatever bit of the record changes, the items are the same, or it is refused."""
    path = tmp_path / "report.partial"
    data = bytearray(interrupted(path, caseload))
    data[int(where * len(data))] ^= 1 << bit
    path.write_bytes(data)
    try:
        found, _ = resumed(path, caseload)
    except InputError as error:
        refusal = error
    else:
        assert told(audit([caseload], as_of=AS_OF)) == found
        return
    assert str(path) == refusal.file


@pytest.mark.parametrize("after", [1, 7, 23, 41])
def test_interrupted_again_and_again(tmp_path: Path, caseload: Path, after: int) -> None:
    """Each time it goes on with all that was judged before, whoever judges."""
    alone = told(audit([caseload], as_of=AS_OF))
    path = tmp_path / "report.partial"
    interrupted(path, caseload, after=after)
    with pytest.raises(KeyboardInterrupt), Spool(path, resume=True) as kept:
        stop(audit([caseload], as_of=AS_OF, spool=kept), after + 2)
    with Spool(path, resume=True) as kept:
        assert alone == told(audit([caseload], as_of=AS_OF, spool=kept, executor=process_pool(2)))
    assert not path.exists()


def test_with_every_step(tmp_path: Path, caseload: Path) -> None:
    """Reports with their explanations come out of the record as they went in: the JSON is the same, byte by byte."""

    def written(kept: Spool | None) -> str:
        out, receipt = StringIO(), Receipt(as_of=AS_OF)
        items = audit([caseload], as_of=AS_OF, explained=True, read=receipt.inputs.append, spool=kept)
        write_json(items, out, receipt=receipt)
        return out.getvalue()

    path = tmp_path / "report.partial"
    interrupted(path, caseload, explained=True)
    with Spool(path, resume=True) as kept:
        assert written(None) == written(kept)


def test_how_others_pickle_errors(tmp_path: Path, caseload: Path) -> None:
    """What a library lays down for the pickling of errors, as Dask does for everybody, changes no record."""
    path = tmp_path / "report.partial"
    with mock.patch.dict(copyreg.dispatch_table, {InputError: lambda error: (os.getcwd, ())}):
        interrupted(path, caseload)
    with Spool(path, resume=True) as kept:
        assert told(audit([caseload], as_of=AS_OF)) == told(audit([caseload], as_of=AS_OF, spool=kept))


def test_a_database(tmp_path: Path) -> None:
    """The rows of a case are held against the record too: columns and body."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with open_journal(url, create=True) as journal:
        for name in ("S01", "S02", "T02"):
            journal.append(name, story(name), expected=0)
    path = tmp_path / "report.partial"
    interrupted(path, url)
    alone = told(audit([url], as_of=AS_OF))
    with open_journal(url) as journal:
        journal.append("S08", story("S08"), expected=0)
    found, judged = resumed(path, url)
    assert (alone, 1) == (found[:-1], judged)
    assert found == told(audit([url], as_of=AS_OF))


# ---------------------------------------------------------------- refused

WORDED = """[[figures.levy_base]]
from = 2021
to = 2026
value = 280_000
source = "{source}"
verified = false
"""
"""The figure that is built in, read elsewhere."""


OTHERWISE: dict[str, tuple[dict[str, Any], str]] = {
    "day": ({"as_of": date(2026, 11, 22)}, "the day asked about was 2026-11-21 and is 2026-11-22"),
    "moment": ({"known_at": datetime(2025, 9, 1, tzinfo=JST)}, "the moment asked about was not given and is 2025-09"),
    "office": ({"office": Office.parse('[settings]\nfirst_day = "excluded"\n')}, "the office .* changed"),
    "words": ({"office": Office.parse(WORDED.format(source="条例"))}, "the office .* where they were read"),
    "steps": ({"explained": True}, "HTML and --explain need every step explained, and what was kept has no explan"),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_another_question(tmp_path: Path, caseload: Path, name: str) -> None:
    """What was judged under other conditions counts for nothing."""
    question, said = OTHERWISE[name]
    interrupted(tmp_path / "report.partial", caseload, after=20)
    refused(tmp_path / "report.partial", caseload, said, **question)


@pytest.mark.parametrize(
    ("what", "said"),
    [("rules_sha256", "the rules changed"), ("library_version", "the version of the library was .* and is other")],
)
def test_other_rules(tmp_path: Path, caseload: Path, monkeypatch: pytest.MonkeyPatch, what: str, said: str) -> None:
    """Neither does what other rules or another version found."""
    interrupted(tmp_path / "report.partial", caseload, after=20)
    monkeypatch.setattr(spool, what, lambda *_: "other")
    refused(tmp_path / "report.partial", caseload, said)


def test_other_sources(tmp_path: Path, caseload: Path) -> None:
    """Nor what was found in other sources."""
    interrupted(tmp_path / "report.partial", caseload, after=20)
    refused(tmp_path / "report.partial", caseload / "a.jsonl", "what is audited was .* and is")


@pytest.mark.parametrize("change", [lambda lines: lines[:1] + lines[2:], lambda lines: [lines[-1], *lines[:-1]]])
def test_a_changed_case(tmp_path: Path, caseload: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """A case that is not the one that was judged is named."""
    interrupted(tmp_path / "report.partial", caseload)
    file = caseload / "a.jsonl"
    file.write_bytes(b"".join(change(file.read_bytes().splitlines(keepends=True))))
    refused(tmp_path / "report.partial", caseload, r"in .*a\.jsonl.* moved, taken out or changed; delete it to begin")


NAMES = ["S01", "S02", "T02", "S08"]


@pytest.mark.parametrize("at", range(len(NAMES)))
def test_a_case_taken_out(tmp_path: Path, at: int) -> None:
    """Both are named, the case that was judged and the one that stands in its place, which nobody has changed."""
    path, source = tmp_path / "report.partial", tmp_path / "cases.jsonl"
    write(source, *map(story, NAMES))
    interrupted(path, source)
    write(source, *(story(name) for name in NAMES if name != NAMES[at]))
    after = NAMES[at + 1] if at + 1 < len(NAMES) else None
    stands = f"where case '{NAMES[at]}' was judged, stands case '{after}': a case was moved, taken out or changed"
    fewer = f"case '{NAMES[at]}' was judged, and there are fewer cases by now: a case was taken out"
    error = refused(path, source, stands if after else fewer)
    assert after == error.case_id


@pytest.mark.parametrize("at", range(len(NAMES)))
def test_a_case_changed_or_put_before(tmp_path: Path, at: int) -> None:
    """A case that lost its last line is itself what is not as it was; one that is new stands where another did."""
    path, source = tmp_path / "report.partial", tmp_path / "cases.jsonl"
    write(source, *map(story, NAMES))
    interrupted(path, source)
    write(source, *(story(name)[: -1 if name == NAMES[at] else None] for name in NAMES))
    said = rf"case '{NAMES[at]}' in .*cases\.jsonl is not what was judged: a line of it, or one before it, was moved"
    assert NAMES[at] == refused(path, source, said).case_id
    write(source, *(story(name) for name in (*NAMES[:at], "S03", *NAMES[at:])))
    assert "S03" == refused(path, source, f"where case '{NAMES[at]}' was judged, stands case 'S03'").case_id


def test_a_line_of_no_case_changed(tmp_path: Path) -> None:
    """What belongs to no case has no name: the place is told all the same, whichever of the two it is."""
    path, source = tmp_path / "report.partial", tmp_path / "cases.jsonl"
    first = b"".join(map(line, story("S01")))
    source.write_bytes(first + b"nonsense\n")
    interrupted(path, source)
    write(source, story("S01"), story("S02"))
    refused(path, source, "where another line or case was judged, stands case 'S02': a case was moved, taken out or")
    source.write_bytes(first + b"\xff\n")
    refused(path, source, "where another line or case was judged, stands a line of no case: a case was moved, taken")


@given(words=st.lists(st.sampled_from(["条例", "告示", "条例 "]), min_size=2, max_size=2))
@quick
def test_the_words_of_a_source(tmp_path: Path, words: list[str]) -> None:
    """No page is half of one wording and half of another: figures that were read elsewhere are taken up no more."""
    one, other = (Office.parse(WORDED.format(source=source)) for source in words)
    assert office_sha256(one) == office_sha256(other)
    path, cases = tmp_path / "report.partial", write(tmp_path / "cases.jsonl", story("T01"), story("T02"))
    interrupted(path, cases, office=one, explained=True)
    if one == other:
        assert 0 == resumed(path, cases, office=other, explained=True)[1]
    else:
        refused(path, cases, "the office .* changed", office=other, explained=True)


def test_explained_by_now_asked_for_without(tmp_path: Path, caseload: Path) -> None:
    """What was kept with every step explained is not taken for a report without."""
    interrupted(tmp_path / "report.partial", caseload, after=20, explained=True)
    refused(
        tmp_path / "report.partial", caseload, "what was kept explains every step, .* and this call asks for neither"
    )


def test_fewer_cases(tmp_path: Path, caseload: Path) -> None:
    """Verdicts of cases that are gone count for nothing."""
    file = caseload / "a.jsonl"
    interrupted(tmp_path / "report.partial", file)
    only = file.read_bytes().splitlines(keepends=True)[0]
    file.write_bytes(b"".join(each for each in [only]))
    refused(tmp_path / "report.partial", file, "was judged.*; delete it to begin anew")


@given(
    data=st.binary(max_size=40).filter(lambda data: not data.startswith(spool._MAGIC))
    | st.integers(0, len(spool._MAGIC) - 1).map(lambda size: spool._MAGIC[:size])
)
@example(b"")
@quick
def test_another_file(tmp_path: Path, caseload: Path, data: bytes) -> None:
    """A file that is no record of an audit is never written over nor taken away, not even an empty one."""
    path = tmp_path / "report.partial"
    path.write_bytes(data)
    for resume in (True, False):
        refused(path, caseload, "is no record of an audit", resume=resume, kind=OutputTaken)
    path.unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_that_leads_nowhere(tmp_path: Path, caseload: Path) -> None:
    """It is somebody's own: nothing is made where it points."""
    path = tmp_path / "report.partial"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is no record of an audit"), Spool(path) as kept:
        list(audit([caseload], as_of=AS_OF, spool=kept))
    assert path.is_symlink()
    assert not path.exists()


def test_frames_of_another_audit(tmp_path: Path, caseload: Path) -> None:
    """Frames count only behind the head and the frames after which they were written: these others are judged again."""
    path = tmp_path / "report.partial"
    other = interrupted(path, caseload, as_of=date(2025, 9, 1))
    mine = interrupted(path, caseload)
    head, frames = mine.partition(b"\n")[0] + b"\n", other.partition(b"\n")[2]
    path.write_bytes(head + frames)
    found, judged = resumed(path, caseload)
    path.write_bytes(head)
    assert (told(audit([caseload], as_of=AS_OF)), resumed(path, caseload)[1]) == (found, judged)

    length, _ = spool._HEAD.unpack(mine[len(head) : len(head) + spool._HEAD.size])
    path.write_bytes(head + mine[len(head) + spool._HEAD.size + length :])  # the first is gone
    assert (found, judged) == resumed(path, caseload)


def test_one_audit_at_a_time(tmp_path: Path, caseload: Path) -> None:
    """While an audit runs, no other one is made into the same file; what it keeps is its own."""
    path = tmp_path / "report.partial"
    with Spool(path) as first:
        running = audit([caseload], as_of=AS_OF, spool=first)
        found = told(islice(running, 20))
        assert first.holds
        for resume in (True, False):
            refused(
                path,
                caseload,
                "another audit is being written",
                resume=resume,
                kind=OutputTaken,
                as_of=date(2025, 9, 1),
            )
        assert told(audit([caseload], as_of=AS_OF)) == found + told(running)


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be taken away there")
def test_the_file_of_another_audit_stays(tmp_path: Path, caseload: Path) -> None:
    """Somebody takes the file away and begins anew: the end of the first audit does not take away the second's."""
    path = tmp_path / "report.partial"
    with Spool(path) as first:
        list(audit([caseload], as_of=AS_OF, spool=first))
        path.unlink()
        with pytest.raises(KeyboardInterrupt), Spool(path) as second:
            stop(audit([caseload], as_of=AS_OF, spool=second))
        kept = path.read_bytes()
    assert kept == path.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be taken away there")
def test_taken_away_before_it_was_locked(tmp_path: Path, caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit that opened the file just before another one ended and took it away makes one of its own."""
    path = tmp_path / "report.partial"
    interrupted(path, caseload)
    once = iter([path.unlink])

    def late(*given: Any, **more: Any) -> Any:
        next(once, lambda: None)()
        return filelock.locked(*given, **more)

    monkeypatch.setattr(spool, "locked", late)
    interrupted_again = Spool(path)
    with pytest.raises(KeyboardInterrupt), interrupted_again as kept:
        stop(audit([caseload], as_of=AS_OF, spool=kept))
    assert path.exists()
    assert told(audit([caseload], as_of=AS_OF)) == resumed(path, caseload)[0]


def test_forgotten_to_resume(tmp_path: Path, caseload: Path) -> None:
    """What was kept is not given up silently: without resuming the audit is refused, whatever its conditions."""
    path = tmp_path / "report.partial"
    interrupted(path, caseload)
    refused(path, caseload, r"resume it \(--resume\), or delete this file", resume=False)
    refused(path, caseload, "the day asked about was .* delete this file", resume=False, as_of=date(2025, 9, 1))


def test_an_error_before_anything_is_taken_over(tmp_path: Path, caseload: Path) -> None:
    """What was kept stays: the next audit can still go on with it."""
    path = tmp_path / "report.partial"
    whole = interrupted(path, caseload)
    with pytest.raises(ZeroDivisionError), Spool(path, resume=True) as kept:
        _ = audit([caseload], as_of=AS_OF, spool=kept), 1 / 0
    assert kept.holds
    assert whole == path.read_bytes()


def test_a_full_disk_at_the_beginning(tmp_path: Path, caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves no file that nobody could tell from somebody's own."""
    path = tmp_path / "report.partial"
    monkeypatch.setattr(spool, "_write_all", mock.Mock(side_effect=OSError(28, "full")))
    with pytest.raises(OSError, match="full") as caught, Spool(path) as kept:
        audit([caseload], as_of=AS_OF, spool=kept)
    assert str(path) == caught.value.filename
    assert not path.exists()


class Bomb:
    """Stands for what an attacker puts into the file."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("struck",)


@pytest.mark.parametrize("thing", [Bomb(), attrs.resolve_types, Path("x"), tomllib.TOMLDecodeError("x")])
def test_no_program_in_the_file(tmp_path: Path, caseload: Path, monkeypatch: pytest.MonkeyPatch, thing: object) -> None:
    """A frame that would call something, or make anything but a verdict, is refused before it does."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "report.partial"
    head = interrupted(path, caseload).partition(b"\n")[0] + b"\n"
    frame = pickle.dumps([(b"", (thing,), ())])
    path.write_bytes(head + spool._HEAD.pack(len(frame), spool._sha(spool._sha(b"", head), frame)) + frame)
    refused(path, caseload, "is no part of a verdict")
    assert not Path("struck").exists()


# ---------------------------------------------------------------- what is kept


def test_little_is_not_kept(tmp_path: Path, caseload: Path) -> None:
    """The audit of a few cases keeps no verdict, and leaves no file; neither does it take one for an earlier audit."""
    path = tmp_path / "report.partial"
    few = caseload / "b.jsonl"
    with Spool(path) as kept:
        for _ in audit([few], as_of=AS_OF, spool=kept):
            assert not kept.holds
        head = path.read_bytes()
    assert not path.exists()
    path.write_bytes(head)  # as a killed process leaves it
    with Spool(path) as kept:
        list(audit([few], as_of=AS_OF, spool=kept))
    assert not path.exists()


def test_values_that_cannot_be_kept(tmp_path: Path, caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plug-in's values that cannot be pickled end the keeping, and not the audit; what was kept before counts."""
    path = tmp_path / "report.partial"
    alone = told(audit([caseload], as_of=AS_OF))
    before = iter(range(20))

    def keyed(cases: Iterator[Taken], question: Question) -> Iterator[tuple[Taken, Verdict[Item]]]:
        for taken, verdict in judged(cases, question):
            good = next(before, None) is not None
            yield taken, verdict if good else verdict._replace(torn=({}.keys(),))  # type: ignore[arg-type]

    said: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(auditing, "judged", keyed)
        with pytest.raises(KeyboardInterrupt), Spool(path, given_up=said.append) as kept:
            stop(audit([caseload], as_of=AS_OF, spool=kept), len(alone) - 9)
    assert ["TypeError: cannot pickle 'dict_keys' object"] == said
    assert kept.holds
    found, judged_again = resumed(path, caseload)
    assert alone == found
    assert judged_again < len(alone)


def test_an_error_before_anything_was_kept(tmp_path: Path, caseload: Path) -> None:
    """Leaves nothing: there is nothing to go on with."""
    path = tmp_path / "report.partial"
    with pytest.raises(ZeroDivisionError), Spool(path) as kept:
        _ = next(audit([caseload], as_of=AS_OF, spool=kept)), 1 / 0
    assert not kept.holds
    assert not path.exists()


def test_a_state_under_its_own_name() -> None:
    """The name that a programme gives a state goes to another process, and into a record."""
    named = Named("ended", Wording("利用終了", "use ended"))
    copy = pickle.loads(pickle.dumps(named))
    assert (named, named.label("ja"), Named) == (copy, copy.label("ja"), type(copy))
