"""The system itself: acts come in, are checked against the case as it stood on their day, and are written down."""

from __future__ import annotations

from examples.foreign_system.casefile import CaseFile
from examples.foreign_system.mistakes import Mistake
from examples.foreign_system.saitama import SaitamaFile
from examples.foreign_system.store import Act, Duty, Store
from examples.foreign_system.tsushima import TsushimaFile

FILES: dict[str, type[CaseFile]] = {kind.programme: kind for kind in (SaitamaFile, TsushimaFile)}


class System:
    """A database of cases. ``planted`` are the mistakes it makes."""

    def __init__(self, planted: frozenset[Mistake] = frozenset(), path: str = ":memory:") -> None:
        self._planted = planted
        self._store = Store(path)
        self._current: tuple[str, list[Act], CaseFile | None] = ("", [], None)

    def hand_in(self, case_id: str, programme: str, act: Act) -> list[tuple[str, str]]:
        """Write an act down, or say by clause and reason what stands in the way."""
        acts, file = self._load(case_id, programme)
        ordered = file.in_order([*acts, act])
        at = ordered.index(act)
        late = at < len(acts)  # it happened before something that is written down already
        complaints = (self._replay(programme, ordered[:at]) if late else file).complaints(act)
        if complaints:
            return complaints
        kept = acts if file.loses(act) else [*acts, act]
        if late:
            file = self._replay(programme, kept)
        elif kept is not acts:
            file.take(act)
        self._current = (case_id, kept, file)
        self._store.keep(
            case_id,
            programme,
            None if kept is acts else act,
            state=file.state,
            day=act.day,
            period=file.period,
            duties=file.duties.values(),
        )
        return []

    def _replay(self, programme: str, acts: list[Act]) -> CaseFile:
        file = FILES[programme](self._planted)
        for each in file.in_order(acts):
            file.take(each)
        return file

    def _load(self, case_id: str, programme: str) -> tuple[list[Act], CaseFile]:
        known, acts, file = self._current
        if known != case_id or file is None:
            acts = self._store.acts(case_id)
            file = self._replay(programme, acts)
            self._current = (case_id, acts, file)
        return acts, file

    def acts(self, case_id: str) -> list[Act]:
        """All acts of a case as they are written down."""
        return self._store.acts(case_id)

    def count(self, case_id: str) -> int:
        """How many acts of a case are written down."""
        return self._store.count(case_id)

    def programme(self, case_id: str) -> str | None:
        """The programme of a case, if there is such a case."""
        return self._store.programme(case_id)

    def _as_of(self, case_id: str, day: str) -> CaseFile:
        programme = self._store.programme(case_id)
        if programme is None:
            raise KeyError(f"no case {case_id!r}")
        if day >= self._store.last_day(case_id):
            return self._load(case_id, programme)[1]
        return self._replay(programme, [act for act in self._store.acts(case_id) if act.day <= day])

    def standing(self, case_id: str, day: str) -> tuple[str, tuple[str, str] | None]:
        """State on a day, and period: by the register if nothing happened since, else worked out again."""
        file = self._as_of(case_id, day)
        current = day >= self._store.last_day(case_id)
        return file.stage(day), self._store.period(case_id) if current else file.period

    def open_duties(self, case_id: str, day: str) -> list[Duty]:
        """What is to be done, by the register if nothing happened since, else worked out again."""
        if day >= self._store.last_day(case_id):
            return self._store.duties(case_id)
        return list(self._as_of(case_id, day).duties.values())

    def close(self) -> None:
        """Close the database."""
        self._store.close()
