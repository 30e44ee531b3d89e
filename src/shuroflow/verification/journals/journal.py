"""The promises of the port as one class of tests, for pytest. Knows no adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis.stateful import run_state_machine_as_test

from shuroflow.verification.journals.appending import Appending
from shuroflow.verification.journals.claims import check_claims, keep_what_is_claimed
from shuroflow.verification.journals.lasting import Lasting
from shuroflow.verification.journals.loading import Loading
from shuroflow.verification.journals.machine import machine
from shuroflow.verification.journals.reading import Reading
from shuroflow.verification.journals.sharing import Sharing


class JournalPromises(Appending, Reading, Lasting, Sharing, Loading):
    """Every promise of :class:`~shuroflow.storage.journal.Journal` as a named test.

    A subclass says how a journal is opened (``open(self, folder)``) and what it claims: ``durable``, ``shared``,
    ``processes``, ``threads`` and ``bulk``, each true or false. A class that leaves one out cannot be made. A promise
    that rests on a claim is kept or, where the claim is not made, another test holds that it is not half offered:
    nothing is skipped.

    Who claims to be durable also gives ``tamper(self, folder, position, body)``, which puts another body in the place
    of a record of a closed journal. ``opener(self, folder)`` is what another process calls; unless it is given, that
    is ``open`` with the folder. ``settings``, ``appends`` and ``kills`` say how hard the random tests, the writers at
    once and the crashes try.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        check_claims(cls)
        keep_what_is_claimed(cls, JournalPromises)

    def test_any_calls_in_any_order(self, tmp_path: Path) -> None:
        """Whatever is called in whatever order: the journal answers as a plain dictionary does."""
        made = machine(self.open, durable=self.durable, shared=self.shared, bulk=self.bulk, folder=tmp_path)
        run_state_machine_as_test(made, settings=self.settings)


__all__ = ["JournalPromises"]
