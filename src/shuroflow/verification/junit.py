"""The result of a check as JUnit XML, as build servers read it: one test case for each clause that a rule enforces.

A clause that is broken is a failure, one that the check never met is skipped. Characters that XML cannot hold are left
out. Nothing is written to a file here.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from shuroflow.states import programme
from shuroflow.verification.compliance import Report
from shuroflow.verification.coverage import Coverage, Seen, by_clause, coverage_line
from shuroflow.verification.telling import difference_lines, differences_by_clause
from shuroflow.verification.walking import Difference
from shuroflow.vocabulary import Lang

_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Whatever is no character of XML 1.0."""


def junit_xml(report: Report, coverage: Coverage, *, system: str, seconds: float, lang: Lang = "ja") -> str:
    """The XML text.

    Args:
        report: what was found.
        coverage: what was seen of each clause.
        system: how the system is called.
        seconds: how long it took.
        lang: language of the messages.
    """
    edition = programme(report.programme).current
    wrong = differences_by_clause(edition, report.differences)
    name = f"shuroflow.{report.programme}"
    suite = ET.Element("testsuite", name=name)
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="system", value=_clean(system))
    failures = skipped = tests = 0
    for each in by_clause(coverage, edition):
        found = wrong.pop(each.clause.id, [])
        if not each.rules and not found:
            continue
        tests += 1
        case = ET.SubElement(suite, "testcase", classname=name, name=f"{each.clause.id} {each.clause.text(lang)}")
        if found:
            failures += 1
            _failure(case, found, lang)
        elif each.seen is Seen.NEITHER:
            skipped += 1
            ET.SubElement(case, "skipped", message=Seen.NEITHER.label(lang))
    for clause, found in wrong.items():  # of an edition before, or naming no clause
        tests, failures = tests + 1, failures + 1
        _failure(ET.SubElement(suite, "testcase", classname=name, name=clause or "–"), found, lang)
    for case in suite.iter("testcase"):
        case.set("time", "0")  # all clauses are met by the same run
    counts = {"tests": str(tests), "failures": str(failures), "errors": "0", "skipped": str(skipped)}
    counts["time"] = f"{seconds:.3f}"
    suite.attrib.update(counts)
    ET.SubElement(suite, "system-out").text = _clean(coverage_line(coverage, report.programme, lang=lang))
    suites = ET.Element("testsuites", counts)
    suites.append(suite)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _failure(case: ET.Element, found: list[Difference], lang: Lang) -> None:
    text = "\n\n".join("\n".join(difference_lines(each, lang=lang)) for each in found)
    first = next(difference_lines(found[0], lang=lang))
    ET.SubElement(case, "failure", type=found[0].what, message=_clean(first)).text = _clean(text)


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)


__all__ = ["junit_xml"]
