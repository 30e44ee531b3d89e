"""Pages on what programs and people call: the Python API, its errors, and the command line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from enum import Enum
from types import ModuleType
from typing import Any

import attrs
import click

import shuroflow.audit
import shuroflow.audit.comparison
import shuroflow.audit.exports.excel
import shuroflow.audit.exports.log
import shuroflow.audit.exports.ocel_files
import shuroflow.audit.exports.table
import shuroflow.audit.exports.xes
import shuroflow.calendar
import shuroflow.importing
import shuroflow.states
import shuroflow.states.means_test
import shuroflow.storage
import shuroflow.storage.codec
import shuroflow.storage.journal
import shuroflow.verification
import shuroflow.verification.coverage
import shuroflow.verification.journals
import shuroflow.verification.listening
import shuroflow.verification.paths
import shuroflow.verification.testing
from _generator.markdown import described, heading, page, plain, summary, table
from shuroflow import ShuroflowError
from shuroflow.cli import app

HELP_WIDTH = 100


def commands(
    group: click.Command, path: tuple[str, ...] = ("shuroflow",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The group and every command below it."""
    yield path, group
    if isinstance(group, click.Group):
        for name in group.list_commands(click.Context(group)):
            command = group.get_command(click.Context(group), name)
            assert command is not None
            if not command.hidden:
                yield from commands(command, (*path, name))


def help_of(command: click.Command, path: tuple[str, ...]) -> str:
    """The help text as a terminal of fixed width shows it."""
    width: dict[str, Any] = {"terminal_width": HELP_WIDTH, "max_content_width": HELP_WIDTH}
    context = click.Context(app, info_name=path[0], **{**app.context_settings, **width})
    if command is not app:
        name = " ".join(path[1:])
        context = click.Context(command, info_name=name, parent=context, **{**command.context_settings, **width})
    return command.get_help(context)


def cli_page() -> str:
    """The help of every command."""
    parts: list[str] = [
        "Exit status: `0` nothing wrong · `1` violations or differences found, or the event refused · `2` the input or "
        "the call cannot be used; one line on standard error names file, line and field.",
        "",
        "The same from Python: the [API](api.md). What the files and reports hold: [Files and reports](formats.md).",
        "",
    ]
    for path, command in commands(app):
        title = " ".join(path)
        parts += [f"## {title}", "", "```", help_of(command, path), "```", ""]
    return page("Command line", parts)


def error_classes(base: type[Exception] = ShuroflowError) -> Iterator[type[Exception]]:
    """Every error of the library, the base first."""
    yield base
    for each in base.__subclasses__():
        if each.__module__.startswith("shuroflow"):
            yield from error_classes(each)


def _tree(cls: type[Exception], indent: str = "") -> Iterator[str]:
    below = [each for each in cls.__subclasses__() if each.__module__.startswith("shuroflow")]
    for at, each in enumerate(below):
        last = at == len(below) - 1
        yield f"{indent}{'└── ' if last else '├── '}{each.__name__}"
        yield from _tree(each, indent + ("    " if last else "│   "))


def errors_page() -> str:
    """The tree of errors and what each carries."""
    rows = []
    for cls in error_classes():
        builtin = next(
            (
                b.__name__
                for b in cls.__mro__[1:]
                if b.__module__ == "builtins" and b not in (Exception, BaseException, object)
            ),
            "–",
        )
        own = list(inspect.signature(cls).parameters) if "__init__" in vars(cls) else []
        facts = ", ".join(f"`{name}`" for name in own) or (
            "as `InputError`" if issubclass(cls, LookupError | ValueError) else "–"
        )
        public = (
            f"`shuroflow.{cls.__name__}`" if cls.__name__ in shuroflow.__all__ else f"`{cls.__module__}.{cls.__name__}`"
        )
        rows.append((public, summary(cls), facts, f"`{builtin}`" if builtin != "–" else "–"))
    facts_refused = "`Refused` holds `judgement` (everything) and `findings` (what stands in the way)"
    return page(
        "Errors",
        [
            "Every error that the library raises on purpose is a `ShuroflowError`. Each carries its facts as "
            f"attributes; {facts_refused}.",
            "",
            "```",
            ShuroflowError.__name__,
            *_tree(ShuroflowError),
            "```",
            "",
        ],
        table(("error", "raised when", "made with", "also a"), rows),
        [
            "On the command line a refusal is exit status 1; every other error is exit status 2 and one line on "
            "standard error.",
            "",
        ],
    )


_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("The live desk", ("Caseload", "Entry", "Recorded", "Option", "Standing", "Due")),
    ("Journals", ("Journal", "MemoryJournal", "JsonlJournal", "open_journal", "Appended")),
    ("Events", ("Event", "Actor", "Meeting", "Corrected", "Withdrawn", "saitama", "tsushima")),
    ("The judge", ("programme", "programme_codes", "Programme", "Edition", "Rule", "Finding", "Judgement")),
    ("The office", ("Office", "Settings")),
    ("The audit", ("replay", "CaseReport")),
    ("Codes", ("State", "Role", "Severity", "Basis")),
)


_MODULES: tuple[tuple[ModuleType, tuple[str, ...]], ...] = (
    (
        shuroflow.audit,
        (
            "audit",
            "Spool",
            "explain",
            "compare",
            "differences",
            "Conditions",
            "Difference",
            "StepDifference",
            "Change",
            "Aspect",
            "write_text",
            "write_json",
            "write_csv",
            "write_html",
            "Proof",
        ),
    ),
    (
        shuroflow.audit.comparison,
        ("write_text", "write_json", "write_csv", "write_html", "Side", "Tally", "RuleCount"),
    ),
    (shuroflow.audit.exports.excel, ("write_xlsx",)),
    (shuroflow.audit.exports.log, ("case_logs", "CaseLog", "Step", "Exported")),
    (shuroflow.audit.exports.xes, ("write_xes",)),
    (shuroflow.audit.exports.ocel_files, ("write_ocel_json", "write_ocel_sqlite")),
    (shuroflow.audit.exports.table, ("write_event_csv",)),
    (shuroflow.importing, ("parse_mapping", "example", "read", "Imported", "Fault", "Kind", "write", "write_rejects")),
    (
        shuroflow.calendar,
        (
            "period_end",
            "deadline",
            "fiscal_year",
            "tax_fiscal_year",
            "parse_date",
            "format_wareki",
            "format_fiscal_year",
            "OfficeCalendar",
        ),
    ),
    (shuroflow.states, ("Inapplicable",)),
    (shuroflow.states.means_test, ("means_test", "MeansTest")),
    (shuroflow.storage, ("json_schema",)),
    (shuroflow.storage.codec, ("encode", "decode", "link", "leaf_hash")),
    (
        shuroflow.storage.journal,
        ("Record", "Bulk", "Closing", "prepare", "chained", "repeated", "check_chain"),
    ),
    (
        shuroflow.verification.journals,
        (
            "JournalPromises",
            "machine",
            "concurrency",
            "throng",
            "Concurrency",
            "kill9",
            "Kills",
            "example",
            "examples",
            "events",
            "as_recorded",
            "body_of",
            "link_to",
        ),
    ),
    (
        shuroflow.verification.paths,
        (
            "explore",
            "PathReport",
            "PathFinding",
            "Need",
            "Counts",
            "StateSeen",
            "MoveSeen",
            "RuleSeen",
            "DutySeen",
            "NeedSeen",
        ),
    ),
    (
        shuroflow.verification,
        (
            "check",
            "replayed",
            "plan",
            "Plan",
            "Profile",
            "Report",
            "Difference",
            "sweep",
            "compliance_machine",
            "Parted",
            "check_recorded",
            "save",
            "saved",
            "Script",
            "Corpus",
            "histories",
            "violating",
            "next_events",
            "boundary_events",
            "Probe",
            "days",
            "Driver",
            "TellsStanding",
            "TellsDuties",
            "TakesCorrections",
            "Answer",
            "Standing",
            "OpenDuty",
            "Abilities",
            "Able",
            "abilities",
            "DeskDriver",
            "ProcessDriver",
            "serve",
            "factory_of",
        ),
    ),
    (
        shuroflow.verification.coverage,
        (
            "Coverage",
            "Tally",
            "Witness",
            "by_clause",
            "ClauseCoverage",
            "RuleCoverage",
            "Seen",
            "Kind",
            "coverage_text",
            "coverage_line",
            "coverage_record",
        ),
    ),
    (shuroflow.verification.listening, ("recording", "unheard", "coverage_of")),
    (shuroflow.verification.testing, ("Compliance",)),
)


class _Shown:
    """An annotation that is printed as it is written."""

    def __init__(self, annotation: object) -> None:
        self._text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)

    def __repr__(self) -> str:
        return self._text


def _shown(annotation: Any) -> Any:
    return annotation if annotation is inspect.Parameter.empty else _Shown(annotation)


def signature(obj: Callable[..., object], *, name: str) -> str:
    """A call as one writes it, with types."""
    found = inspect.signature(obj)
    kept = [
        parameter.replace(annotation=_shown(parameter.annotation))
        for parameter in found.parameters.values()
        if parameter.name not in {"self", "cls"}
    ]
    text = str(found.replace(parameters=kept, return_annotation=_shown(found.return_annotation)))
    return f"{name}{text}".removesuffix(" -> None")


def _members(cls: type) -> Iterator[str]:
    """Public methods and properties that a class itself defines, each with its description."""
    for name, member in vars(cls).items():
        if name.startswith(("_", "test_")):
            continue
        if isinstance(member, property):
            yield f"- `.{name}`: {summary(member.fget)}"
            yield ""
        elif inspect.isfunction(member) or isinstance(member, classmethod | staticmethod):
            inner = member.__func__ if isinstance(member, classmethod | staticmethod) else member
            yield f"- `.{signature(inner, name=name)}`"
            yield ""
            yield from described(inner, indent="    ")


def _entry(name: str, holder: ModuleType = shuroflow) -> list[str]:
    obj = getattr(holder, name)
    lines = heading(name, f"`{name}`")
    if isinstance(obj, ModuleType):
        return [*lines, f"{summary(obj)} All of them: [Events](events-{name}.md).", ""]
    if isinstance(obj, type) and issubclass(obj, Enum):
        lines += described(obj)
        return [*lines, *table(("member", "value"), ((f"`{m.name}`", f"`{m.value}`") for m in obj))]
    if isinstance(obj, type) and attrs.has(obj):
        lines += described(obj)
        fields = [f for f in attrs.fields(obj) if not f.name.startswith("_")]
        if any("about" in f.metadata for f in fields):
            lines += table(
                ("field", "type", "meaning"),
                ((f"`{f.name}`", f"`{_type_name(f.type)}`", plain(f.metadata.get("about", ""))) for f in fields),
            )
        else:
            lines += ["Fields: " + ", ".join(f"`{f.name}: {_type_name(f.type)}`" for f in fields) + ".", ""]
    else:
        made = name if getattr(obj, "_is_protocol", False) else signature(obj, name=name)
        lines += ["```", made, "```", "", *described(obj)]
    if isinstance(obj, type):
        lines += _members(obj)
    return lines


def _type_name(hint: object) -> str:
    return hint if isinstance(hint, str) else getattr(hint, "__name__", str(hint))


def api_page() -> str:
    """Every public name."""
    errors = [cls.__name__ for cls in error_classes() if cls.__name__ in shuroflow.__all__]
    grouped = {name for _, names in _GROUPS for name in names} | set(errors) | {"__version__"}
    rest = [name for name in shuroflow.__all__ if name not in grouped]
    parts: list[str] = []
    for title, names in (*_GROUPS, *((("Others", tuple(rest)),) if rest else ())):
        parts += [f"## {title}", ""]
        for name in names:
            parts += _entry(name)
    return page(
        "Python API",
        [
            "These names stay. All of them are imported from `shuroflow`. What stands in the modules "
            "[below](#modules) is documented and in use, and may still move before version 1.0; everything else may "
            "change. The same on the command line: [its own page](cli.md).",
            "",
            ", ".join(f"[`{name}`](#{name})" for _, names in _GROUPS for name in names) + ".",
            "",
        ],
        parts,
        [
            "## Errors",
            "",
            ", ".join(f"`{name}`" for name in errors) + ": see [Errors](errors.md).",
            "",
            "## Version",
            "",
            "`__version__`: the version of the library, a string.",
            "",
        ],
        ["## Modules", "", *_modules()],
    )


def _modules() -> list[str]:
    lines: list[str] = []
    for module, names in _MODULES:
        lines += [f"**{module.__name__}**: {summary(module)}", ""]
        for name in names:
            lines += _entry(name, module)
    return lines
