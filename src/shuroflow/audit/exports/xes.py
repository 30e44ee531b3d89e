"""XES, the event log of IEEE 1849, written case by case.

The shape is that of the XML schema of IEEE 1849-2016: no namespace, ``xes.version`` a decimal; first extensions, then
globals, classifiers, attributes of the log and traces; within a trace or event the attributes come first. Keys are XML
names. Attributes of our own carry no prefix, for a prefix would need an extension published somewhere.

The edition of 2023 adds extensions, none of which is used here, and mends in the schema where the attributes of a log
stand. They stand here where OpenXES, the reference implementation, writes them. The schema of 2023 itself is sold and
was not held against this; a log says which edition it follows.

XML 1.0 has no place for most control characters, not even escaped. Such a character is written as ``[U+0001]``, and the
attribute ``replaced`` of its trace or event names it: nothing is lost or changed silently. All other characters beyond
ASCII are written as references, which to a reader of XML are those characters: some tools read a log in blocks of bytes
and fail where one ends within a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TextIO

from shuroflow.audit.exports.log import CaseLog, Exported, Logged, Step, attributes, midnight, told
from shuroflow.audit.receipt import Receipt
from shuroflow.vocabulary import Lang

VERSION = "1849.2016"

_TAGS = {"string": "string", "time": "date", "integer": "int", "boolean": "boolean"}
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="{version}" xes.features="">
 <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
 <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
 <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
 <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
 <global scope="trace">
  <string key="concept:name" value="UNKNOWN"/>
 </global>
 <global scope="event">
  <string key="concept:name" value="UNKNOWN"/>
  <date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/>
  <string key="lifecycle:transition" value="complete"/>
  <string key="org:resource" value="UNKNOWN"/>
  <string key="org:role" value="UNKNOWN"/>
 </global>
 <classifier name="Activity" scope="event" keys="concept:name"/>
"""
_STANDARD = {"recorded_by": "org:resource", "role": "org:role"}
_MOST_PLACES = 20


def write_xes(items: Iterable[Logged], out: TextIO, *, receipt: Receipt, lang: Lang = "ja") -> Exported:
    """Write the log while it is read, a trace for each case. ``out`` takes UTF-8 and translates no line ends."""
    done = Exported()
    out.write(_HEAD.format(version=VERSION))
    for key, value in _conditions(receipt):
        out.write(_line(1, "date" if isinstance(value, datetime) else "string", key, value, []))
    for item in items:
        done.count(item)
        if isinstance(item, CaseLog):
            for line in _trace(item, lang, done):
                out.write(line)
    out.write("</log>\n")
    return done


def _conditions(receipt: Receipt) -> Iterator[tuple[str, str | datetime]]:
    yield "concept:name", "shuroflow"
    yield "library_version", receipt.version
    yield "as_of", midnight(receipt.as_of)
    if receipt.known_at is not None:
        yield "known_at", receipt.known_at


def _trace(case: CaseLog, lang: Lang, done: Exported) -> Iterator[str]:
    yield " <trace>\n"
    bad: list[str] = []
    yield _line(2, "string", "concept:name", case.case_id, bad)
    yield _line(2, "string", "programme", case.programme, bad)
    if case.state is not None:
        yield _line(2, "string", "state", case.state.value, bad)
    if case.apart:
        yield _line(2, "string", "findings", told(case.apart, lang), bad)
    yield from _replaced(2, bad, case.case_id, done)
    for step in case.steps:
        yield from _event(step, lang, done)
    yield " </trace>\n"


def _event(step: Step, lang: Lang, done: Exported) -> Iterator[str]:
    event = step.event
    bad: list[str] = []
    yield "  <event>\n"
    yield _line(3, "string", "concept:name", event.kind, bad)
    yield _line(3, "date", "time:timestamp", event.recorded_at, bad)
    yield _line(3, "string", "lifecycle:transition", "complete", bad)
    for key, kind, value in attributes(step, lang=lang):
        yield _line(3, _TAGS[kind], _STANDARD.get(key, key), value, bad)
    yield from _replaced(3, bad, f"{event.case_id} #{event.seq}", done)
    yield "  </event>\n"


def _replaced(depth: int, bad: list[str], where: str, done: Exported) -> Iterator[str]:
    if bad:
        done.replaced += len(bad)
        done.places += [f"{where}: {each}" for each in bad[: _MOST_PLACES - len(done.places)]]
        yield _line(depth, "string", "replaced", " ".join(bad), [])


# XML ------------------------------------------------------------------------------------------------------------------

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile("[ !#-%'-;=?-~]*")
"""What stands in a log as it is."""
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def _line(depth: int, tag: str, key: str, value: object, bad: list[str]) -> str:
    """An attribute of the log; what XML cannot hold is put on the list as ``key[position]=U+code``."""
    if isinstance(value, datetime):
        text = value.isoformat()
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = str(value)
    if not _PLAIN.fullmatch(text):
        if _FORBIDDEN.search(text):
            bad += [f"{key}[{found.start()}]=U+{ord(found[0]):04X}" for found in _FORBIDDEN.finditer(text)]
            text = _FORBIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
        text = text.translate(_ESCAPES).encode("ascii", "xmlcharrefreplace").decode()
    return f'{" " * depth}<{tag} key="{key}" value="{text}"/>\n'


__all__ = ["VERSION", "write_xes"]
