"""The read model in SQL: how each case stands, as rows that plain SQL can ask for. Knows tables and no rules.

Everything in these tables is derived: it may be dropped at any time and is filled again from the events alone by
:func:`shuroflow.projection.refresh`, which folds the cases and hands over finished rows. Nothing here is append-only,
and nothing in a journal is ever changed by it.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shuroflow.errors import JournalError
from shuroflow.storage.sql.link import Door
from shuroflow.storage.sql.migrations import found_version, recordable
from shuroflow.storage.sql.tables import metadata

if TYPE_CHECKING:
    from shuroflow.storage.sql.journal import SqlJournal

_DERIVED = "derived data: may be dropped, and is filled again from shuroflow_event"
_DERIVED_INFO = {"derived": True}


def _table(name: str, *parts: Any, comment: str) -> sa.Table:
    return sa.Table(name, metadata, *parts, comment=f"{comment}; {_DERIVED}", info=_DERIVED_INFO)


case_table = _table(
    "shuroflow_case",
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("state", sa.Text, comment="null while nothing of the case has happened yet as of the day"),
    sa.Column("opened_on", sa.Date),
    sa.Column("period_start", sa.Date),
    sa.Column("period_end", sa.Date),
    sa.Column("extensions", sa.Integer, nullable=False),
    sa.Column("closed_on", sa.Date),
    sa.Column("closing_clause", sa.Text),
    sa.Column("prior_case_id", sa.Text),
    sa.Column("version", sa.BigInteger, nullable=False, comment="number of events that were folded"),
    sa.Column("as_of", sa.Date, nullable=False, comment="the day asked about"),
    sa.Column("settled", sa.Boolean, nullable=False, comment="no day to come changes this row by itself"),
    comment="one row for each case: how it stands",
)
"""One row for each case of the journal, also for one that has not begun yet as of the day."""

duty_table = _table(
    "shuroflow_duty",
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("name_ja", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
    sa.Column("arose_on", sa.Date, nullable=False),
    sa.Column("due", sa.Date),
    sa.Column("in_time_until", sa.Date),
    sa.Column("overdue", sa.Boolean, nullable=False),
    comment="one row for each open duty of a case, and for the end of its period (code period_end)",
)
"""The open duties of each case, numbered as the desk lists them."""

label_table = _table(
    "shuroflow_label",
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("ja", sa.Text, nullable=False),
    sa.Column("en", sa.Text, nullable=False),
    comment="what a code is called: state, role, programme, event (programme.kind), fiscal_year",
)
"""The words for codes. An event has the code ``programme.kind``."""

progress_table = _table(
    "shuroflow_progress",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, nullable=False, comment="the last record of the journal that was folded"),
    sa.Column("head", sa.Text, comment="link to that record"),
    sa.Column("as_of", sa.Date, comment="the day asked about"),
    sa.Column("folded_by", sa.Text, comment="release, editions and office settings that folded it"),
    sa.CheckConstraint("id = 1", name="shuroflow_progress_one_row"),
    comment="one row: how far the journal was folded, and by what",
)
"""One row: up to which record, as of which day and by which rules the other tables were filled."""

READ_MODEL = (case_table, duty_table, label_table, progress_table)
"""The derived tables."""


@attrs.frozen(kw_only=True)
class DutyRow:
    """One open duty of a case, or the end of its period."""

    code: str
    clause: str
    name_ja: str
    name_en: str
    arose_on: date
    due: date | None
    in_time_until: date | None
    overdue: bool


@attrs.frozen(kw_only=True)
class CaseRow:
    """How one case stands as of a day. ``state`` is ``None`` while nothing of it has happened yet.

    ``version``: number of events folded. ``settled``: no day to come changes this row by itself.
    """

    case_id: str
    programme: str
    version: int
    as_of: date
    state: str | None = None
    opened_on: date | None = None
    period_start: date | None = None
    period_end: date | None = None
    extensions: int = 0
    closed_on: date | None = None
    closing_clause: str | None = None
    prior_case_id: str | None = None
    settled: bool = False
    duties: tuple[DutyRow, ...] = ()


@attrs.frozen
class Label:
    """What a code is called."""

    kind: str
    code: str
    ja: str
    en: str


@attrs.frozen(kw_only=True)
class Progress:
    """Up to which record, as of which day and by which rules the rows were folded.

    ``head``: the link to the record at ``position``, ``None`` for an empty journal.
    """

    position: int
    head: str | None
    as_of: date
    folded_by: str


class ReadModel:
    """The derived tables of one database, reached as its journal reaches it: within the host's transaction, if so.

    A whole refresh is staged first, where no one else sees it, and takes effect with :meth:`publish` in one short step:
    whoever looks finds the old rows or all of the new ones, and those who record go on meanwhile.

    Args:
        door: the way to the tables, for one thread at a time.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    @contextlib.contextmanager
    def _asking(self) -> Iterator[sa.Connection]:
        with self._door as link:
            yield link.connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """All or nothing: a transaction, or a part of the host's."""
        with self._door as link, link.writing(None):
            yield link.connection

    def prepare(self) -> None:
        """Make the tables that someone dropped, and the views with them.

        Raises:
            Unavailable: if the journal is of an earlier version, whose tables are to be migrated first.
        """
        with self._door as link:
            recordable(found_version(link), where=link.where)
            there = set(sa.inspect(link.connection).get_table_names())
        missing = [table for table in READ_MODEL if table.name not in there]
        if missing:
            with self._writing() as db:
                metadata.create_all(db, tables=missing)

    # ------------------------------------------------------------ asked

    def progress(self) -> Progress | None:
        """How far the rows were folded; ``None`` if they never were."""
        with self._asking() as db:
            return _progress(db)

    def stale(self, as_of: date) -> list[str]:
        """The cases whose rows are of another day and may read otherwise as of ``as_of``, by id."""
        c = case_table.c
        earlier = sa.and_(c.as_of < as_of, sa.not_(c.settled))
        with self._asking() as db:
            return list(db.scalars(sa.select(c.case_id).where((c.as_of > as_of) | earlier).order_by(c.case_id)))

    # ------------------------------------------------------------ one case

    def put(self, row: CaseRow) -> bool:
        """Write the rows of one case in place of older ones; false if newer ones are there already."""
        with self._writing() as db:
            upsert = _upsert(_insert(db, case_table).values(**_case_values(row)))
            if not db.execute(upsert.execution_options(preserve_rowcount=True)).rowcount:
                return False
            db.execute(sa.delete(duty_table).where(duty_table.c.case_id == row.case_id))
            if duties := list(_duty_values(row)):
                db.execute(sa.insert(duty_table), duties)
        return True

    # ------------------------------------------------------------ many

    @contextlib.contextmanager
    def staging(self) -> Iterator[Staged]:
        """A place to lay rows by, for as long as a refresh lasts."""
        staged = Staged(self._writing)
        with self._writing() as db:
            staged.make(db)
        try:
            yield staged
        except BaseException:
            with contextlib.suppress(JournalError), self._writing() as db:  # what went wrong first is what is told
                staged.drop(db)
            raise
        with self._writing() as db:
            staged.drop(db)

    def publish(
        self, staged: Staged, labels: Iterable[Label], done: Progress, *, before: Progress | None, afresh: bool
    ) -> bool:
        """Let the staged rows take effect; false, and nothing is changed, if others refreshed since ``before``.

        Args:
            staged: the rows.
            labels: all of them; they take the place of those that are there.
            done: what is noted as the new progress.
            before: the progress that was found when folding began.
            afresh: drop all rows first.
        """
        with self._writing() as db:
            # The one row is the lock of those who refresh; it is made where there is none yet.
            db.execute(_insert(db, progress_table).values(id=1, position=0).on_conflict_do_nothing())
            db.execute(sa.select(progress_table.c.id).with_for_update())
            if _progress(db) != before:
                return False
            if afresh:
                db.execute(sa.delete(duty_table))
                db.execute(sa.delete(case_table))
            staged.take_over(db)
            c = case_table.c
            db.execute(sa.update(case_table).where(c.settled, c.as_of < done.as_of).values(as_of=done.as_of))
            _relabel(db, labels)
            db.execute(sa.update(progress_table).values(**attrs.asdict(done)))
        return True


class Staged:
    """Rows that no one else sees yet, in temporary tables of this run alone; they lock nothing."""

    _run = itertools.count(1)

    def __init__(self, writing: Callable[[], contextlib.AbstractContextManager[sa.Connection]]) -> None:
        self._writing = writing
        self._metadata = sa.MetaData()
        number = next(self._run)
        self._case, self._duty = (self._like(table, number) for table in (case_table, duty_table))

    def _like(self, table: sa.Table, number: int) -> sa.Table:
        columns = [sa.Column(column.name, column.type, primary_key=column.primary_key) for column in table.columns]
        return sa.Table(f"{table.name}_staged_{number}", self._metadata, *columns, prefixes=["TEMPORARY"])

    def make(self, db: sa.Connection) -> None:
        """Make the tables."""
        self._metadata.create_all(db, checkfirst=False)

    def drop(self, db: sa.Connection) -> None:
        """Drop the tables."""
        self._metadata.drop_all(db, checkfirst=False)

    def add(self, rows: Sequence[CaseRow]) -> None:
        """Lay rows by."""
        if not rows:
            return
        with self._writing() as db:
            db.execute(sa.insert(self._case), [_case_values(row) for row in rows])
            if duties := [values for row in rows for values in _duty_values(row)]:
                db.execute(sa.insert(self._duty), duties)

    def take_over(self, db: sa.Connection) -> None:
        """From here to where everyone sees them."""
        cases = sa.select(*self._case.columns).where(sa.true())  # SQLite wants a WHERE before ON CONFLICT
        db.execute(_upsert(_insert(db, case_table).from_select(_names(cases), cases)))
        # A case that was put by itself meanwhile, and holds more events than what is staged, keeps its rows.
        c, s = case_table.c, self._case.c
        same = sa.and_(c.case_id == s.case_id, c.version == s.version, c.as_of == s.as_of)
        taken = sa.select(c.case_id).join(self._case, same)
        db.execute(sa.delete(duty_table).where(duty_table.c.case_id.in_(taken)))
        duties = sa.select(*self._duty.columns).where(self._duty.c.case_id.in_(taken))
        db.execute(sa.insert(duty_table).from_select(_names(duties), duties))


def _names(query: sa.Select[Any]) -> list[str]:
    return [column.name for column in query.selected_columns if isinstance(column, sa.Column)]


def _progress(db: sa.Connection) -> Progress | None:
    p = progress_table.c
    row = db.execute(sa.select(p.position, p.head, p.as_of, p.folded_by).where(p.as_of.is_not(None))).first()
    return None if row is None else Progress(**row._mapping)


def _relabel(db: sa.Connection, labels: Iterable[Label]) -> None:
    wanted = set(labels)
    t = label_table.c
    if wanted != {Label(*row) for row in db.execute(sa.select(t.kind, t.code, t.ja, t.en))}:
        db.execute(sa.delete(label_table))
        db.execute(sa.insert(label_table), [attrs.asdict(label) for label in wanted])


def _insert(db: sa.Connection, table: sa.Table) -> Any:
    """An insert that knows ON CONFLICT, which each dialect has under the same names."""
    return (sqlite if db.dialect.name == "sqlite" else postgresql).insert(table)


def _upsert(insert: Any) -> Any:
    """The insert of cases, in place of rows that are there unless those have folded more events."""
    new = {column.name: insert.excluded[column.name] for column in case_table.columns if not column.primary_key}
    return insert.on_conflict_do_update(
        index_elements=[case_table.c.case_id], set_=new, where=case_table.c.version <= insert.excluded.version
    )


def read_model(journal: SqlJournal) -> ReadModel:
    """The read model beside a journal, on the journal's own connection or on that of its host."""
    return ReadModel(journal._door)


_CASE_NAMES = [column.name for column in case_table.columns]
_DUTY_NAMES = [field.name for field in attrs.fields(DutyRow)]


def _case_values(row: CaseRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _CASE_NAMES}


def _duty_values(row: CaseRow) -> Iterator[dict[str, Any]]:
    for number, duty in enumerate(row.duties, 1):
        yield {"case_id": row.case_id, "number": number, **{name: getattr(duty, name) for name in _DUTY_NAMES}}


__all__ = [
    "READ_MODEL",
    "CaseRow",
    "DutyRow",
    "Label",
    "Progress",
    "ReadModel",
    "Staged",
    "case_table",
    "duty_table",
    "label_table",
    "progress_table",
    "read_model",
]
