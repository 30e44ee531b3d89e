"""What could not be mapped: where it stands, and why."""

from __future__ import annotations

import attrs

from shuroflow.vocabulary import Lang, Term


class Kind(Term):
    """What is wrong, in a few words; the details stand in the fault."""

    BYTES = "bytes", "文字として読めません", "no characters of this encoding"
    LAYOUT = "layout", "CSVの形が崩れています", "not well-formed CSV"
    NO_RULE = "no_rule", "どの対応規則にも当たりません", "no rule of the mapping fits this row"
    UNKNOWN_CODE = "unknown_code", "コード表にありません", "not in the code table"
    VALUE = "value", "値として読めません", "cannot be read as a value of this field"
    MISSING = "missing", "必要な値がありません", "a value is needed"
    DIFFERS = "differs", "同じ出来事の行と食い違います", "differs from another row of the same event"
    TOGETHER = "together", "一緒に取り込む行が使えません", "a row that belongs to it cannot be used"
    CASE = "case", "ケースの記録として成り立ちません", "does not fit the other events of its case"
    TAKEN = "taken", "このケースは既に記録簿にあります", "this case is in the journal already"


@attrs.frozen(order=True)
class Fault:
    """One thing that could not be mapped.

    ``line`` counts from 1, the first line of the row; ``column`` is the heading, ``number`` its position from 1; both
    are ``None`` where the whole row is meant.
    """

    file: str
    line: int
    number: int | None = attrs.field(order=lambda number: number or 0)
    column: str | None = attrs.field(order=False)
    kind: Kind = attrs.field(order=False)
    detail: str = attrs.field(order=False)

    def text(self, lang: Lang = "ja", *, where: bool = True) -> str:
        """One line: file, line, column, what is wrong and what was found. ``where=False`` leaves the place out."""
        head = f"{self.file}:{self.line}: " if where else ""
        if self.column is not None:
            head += (
                f"列 {self.number}「{self.column}」: " if lang == "ja" else f"column {self.number} ({self.column}): "
            )
        said = self.kind.label(lang)
        return f"{head}{said} ({self.detail})" if self.detail else f"{head}{said}"


__all__ = ["Fault", "Kind"]
