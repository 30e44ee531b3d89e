"""What came of the mutants: how many were condemned, and the survivors by the clause that they touch.

A mutant that no input can tell from the rules is argued equivalent, by its name, in a file. The file cannot rot: a name
that no mutant has, or one that a check condemns after all, is an error.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from shuroflow.errors import InputError
from shuroflow.verification.mutants.mutant import Mutant
from shuroflow.verification.mutants.running import Outcome, Result
from shuroflow.vocabulary import Lang

_MANY = 6
"""A place that serves more clauses than this is told under a heading of its own."""


def read_equivalents(path: str | Path) -> dict[str, str]:
    """Name → argument, from a TOML file of such pairs.

    Raises:
        InputError: if the file cannot be read, or an argument is missing.
    """
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}; check the path", file=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("not UTF-8; save the file as UTF-8", file=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not a TOML document: {error}", file=str(path)) from None
    for name, argument in table.items():
        if not isinstance(argument, str) or not argument.strip():
            said = 'say in a sentence why no input can tell it: "name" = "because …"'
            raise InputError(said, field=name, file=str(path))
    return table


def check_names(equivalents: Mapping[str, str], names: Iterable[str], *, file: str) -> None:
    """Every name of the file must be that of a mutant.

    Raises:
        InputError: for the first that is not; ``problems`` lists all.
    """
    known = set(names)
    unknown = [name for name in equivalents if name not in known]
    if unknown:
        more = f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else ""
        said = f"no mutant has this name{more}: the rule or the change is gone, so take the entry out"
        raise InputError(said, field=unknown[0], file=file, problems=unknown)


@attrs.frozen
class Report:
    """The mutants that were tried, with what came of each and the arguments for those that are equivalent."""

    programmes: tuple[str, ...]
    suite: str
    mutants: tuple[Mutant, ...]
    outcome: Outcome
    equivalents: Mapping[str, str] = attrs.field(factory=dict)

    def _pairs(self) -> Iterator[tuple[Mutant, Result]]:
        return zip(self.mutants, self.outcome.results, strict=True)

    @property
    def survivors(self) -> list[Mutant]:
        """The mutants that nothing condemned and nobody argued to be equivalent."""
        return [m for m, result in self._pairs() if result.status == "survived" and m.name not in self.equivalents]

    @property
    def refuted(self) -> list[str]:
        """The names argued to be equivalent that a check condemned after all."""
        return [m.name for m, result in self._pairs() if result.status != "survived" and m.name in self.equivalents]

    def status_of(self, result: Result) -> str:
        """``killed``, ``timeout``, ``survived`` or ``equivalent``."""
        return "equivalent" if result.status == "survived" and result.name in self.equivalents else result.status

    @property
    def counts(self) -> Counter[str]:
        """How many came to each end."""
        return Counter(self.status_of(result) for result in self.outcome.results)

    def by_clause(self) -> dict[str, list[Mutant]]:
        """The survivors under the first clause that they touch, in the order of the rules; ``""``: many or none."""
        found: dict[str, list[Mutant]] = {}
        for mutant in self.survivors:
            clause = mutant.clauses[0] if 0 < len(mutant.clauses) <= _MANY else ""
            found.setdefault(clause, []).append(mutant)
        return found

    def text(self, lang: Lang = "ja") -> str:
        """For a reader: the numbers, then the survivors by clause with what was changed."""
        counts, ja = self.counts, lang == "ja"
        lines = [
            f"{'規則の変異' if ja else 'rule mutants'}: {', '.join(self.programmes)} ({self.suite})",
            (
                f"検査 {self.outcome.checks:,} 件、変異 {len(self.mutants):,} 件、{self.outcome.seconds:.0f} 秒"
                if ja
                else f"{self.outcome.checks:,} checks, {len(self.mutants):,} mutants, {self.outcome.seconds:.0f} s"
            ),
            (
                f"検出 {counts['killed']:,}、時間切れで検出 {counts['timeout']:,}、"
                f"同値 {counts['equivalent']:,}、生存 {counts['survived']:,}"
                if ja
                else f"killed {counts['killed']:,}, stopped by time {counts['timeout']:,}, "
                f"equivalent {counts['equivalent']:,}, survived {counts['survived']:,}"
            ),
        ]
        unreached = {result.name for result in self.outcome.results if result.status == "survived" and not result.tried}
        for clause, mutants in self.by_clause().items():
            lines += ["", clause or ("(多くの条項に関わるもの)" if ja else "(many clauses)")]
            for mutant in mutants:
                note = (" (どの検査も通らない)" if ja else " (no check comes here)") if mutant.name in unreached else ""
                lines.append(f"  {mutant.name}{note}")
                lines.append(f"    {mutant.operator.label(lang)}: {mutant.where}")
                lines += [f"      {line}" for line in mutant.diff().splitlines()[1:]]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The same for a program: every mutant, with the check that condemned it."""
        return {
            "programmes": list(self.programmes),
            "suite": self.suite,
            "checks": self.outcome.checks,
            "seconds": round(self.outcome.seconds, 3),
            "counts": {name: self.counts[name] for name in ("killed", "timeout", "equivalent", "survived")},
            "mutants": [
                {
                    "name": mutant.name,
                    "operator": mutant.operator.value,
                    "clauses": list(mutant.clauses),
                    "where": mutant.where,
                    "before": mutant.before,
                    "after": mutant.after,
                    "status": self.status_of(result),
                    "check": result.check,
                    "said": result.said,
                    "argument": self.equivalents.get(mutant.name, ""),
                    "tried": result.tried,
                    "seconds": round(result.seconds, 4),
                }
                for mutant, result in self._pairs()
            ],
        }


__all__ = ["Report", "check_names", "read_equivalents"]
