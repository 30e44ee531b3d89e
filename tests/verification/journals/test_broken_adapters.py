"""Every promise of the kit is tried: for each there is an adapter that breaks it, and the kit says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuroflow.verification import JournalPromises
from shuroflow.verification.journals.claims import FEW, promises
from tests.verification.journals import broken_files
from tests.verification.journals.broken import BROKEN
from tests.verification.journals.runner import MACHINE, SLOW, Broken, failing, kit
from tests.verification.journals.sound import Sound, SoundBulk, SoundFile, tamper

SOUND = [
    (Sound, "threads"),
    (SoundBulk, "bulk threads"),
    (SoundFile, broken_files.ALL),
]


@pytest.mark.parametrize(("adapter", "claims"), SOUND, ids=lambda each: getattr(each, "__name__", ""))
def test_a_sound_adapter_passes(tmp_path: Path, adapter: type[Sound], claims: str) -> None:
    """What the broken adapters are made from keeps every promise."""
    assert set() == failing(kit(adapter, frozenset(claims.split()), tamper, examples=FEW), tmp_path, slow=SLOW)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.adapter.__name__)
def test_a_broken_adapter_fails_at_its_promise(tmp_path: Path, broken: Broken) -> None:
    """The tests that fail are those of the promise it breaks, and of what cannot be had without it; no other."""
    tests = kit(broken.adapter, broken.claims, broken.tamper)
    assert set(broken.breaks) == failing(tests, tmp_path, slow=set(broken.breaks))


def test_every_promise_is_broken_by_some_adapter() -> None:
    """No test of the kit passes whatever an adapter does: for each there is an adapter at which it fails."""
    kept = {name for name, _ in promises(JournalPromises)}
    assert kept == {name for broken in BROKEN for name in broken.breaks}


def test_random_use_sees_what_one_hand_can_see() -> None:
    """What random use does not find needs threads, a crash, a changed store, a large append, or a way not claimed."""
    unseen = {broken.breaks[0] for broken in BROKEN if MACHINE not in broken.breaks}
    assert {
        "test_it_has_every_method",
        "test_after_below_nothing_is_everything",
        "test_closing_twice_is_fine",
        "test_many_events_in_one_append",
        "test_nothing_is_shared_with_the_caller",
        "test_a_closed_journal_says_so",
        "test_killed_at_any_moment",
        "test_what_is_no_event_is_damage",
        "test_a_wrong_number_is_damage",
        "test_a_changed_event_is_damage",
        "test_the_slower_of_two_gets_a_conflict",
        "test_processes_at_once",
        "test_threads_at_once",
        "test_it_offers_no_load",
        "test_a_journal_that_does_not_last_begins_anew",
        "test_a_second_journal_is_refused_or_apart",
        "test_another_thread_is_answered_or_refused",
    } == unseen
