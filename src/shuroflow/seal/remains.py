"""What can still be read of a file of JSON Lines that is damaged so that no journal opens it: the lines before.

It knows the place of the damage from the error of the journal, and ends with an error as a damaged feed does.
"""

from __future__ import annotations

from collections.abc import Iterator

from shuroflow.errors import Damaged, InputError, Unavailable
from shuroflow.storage.codec import decode
from shuroflow.storage.journal import Record
from shuroflow.storage.lines import body_of

_BOM = b"\xef\xbb\xbf"


class Remains:
    """The records of a damaged file before the damage. Each line is one, so the line of the damage is its position."""

    def __init__(self, damage: Damaged) -> None:
        self._damage = damage
        self._line = damage.line or 1

    def feed(self) -> Iterator[Record]:
        """The records before the damage.

        Raises:
            Damaged: in the end, always: of the first line that is no event, or as the journal said.
            Unavailable: if the file cannot be read.
        """
        where = self._damage.where
        try:
            with open(where, "rb") as file:
                for number, raw in enumerate(file, 1):
                    if number >= self._line:
                        break
                    line = raw.removeprefix(_BOM) if number == 1 else raw
                    try:
                        record = Record(number, body_of(line), decode(line))
                    except InputError as error:
                        raise Damaged(str(error), where=where, line=number) from None
                    yield record
        except OSError as error:
            raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=where) from None
        raise self._damage

    def size(self) -> int:
        """The number of records before the damage."""
        return self._line - 1


__all__ = ["Remains"]
