"""The hash of the code on which verdicts hang, by the contents of files: it is the same wherever these lie.

What a function calls cannot be told from outside, so whole packages count, and not the modules of the functions alone:
reasons, tables and helpers lie in files of their own. Of this library these are the parts that judge; how it replays
a case hangs on its version, which is told beside the rules.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache, partial
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from inspect import unwrap
from types import CodeType, ModuleType

_HERE = "shuroflow"
_SHARED = {
    "": {"calendar", "case", "clauses", "errors", "holidays", "vocabulary"},
    "states": None,  # its files, and of its folders those of the programme alone
    "events": {"envelope", "shapes", "structure"},
}
_KINDS = (".py", ".pyc", ".toml", ".json", ".so", ".pyd")
_PYC_HEAD = 16
"""Bytes of a compiled module that tell of its source (such as its time) and not what it does."""


def code_sha256(parts: Iterable[object]) -> bytes:
    """The hash of the code of functions and classes.

    For one in a package: every module and table of the package, from a folder or a ZIP file (compiled modules where
    there is no source). The package is the outermost one that is a package of its own and not only a name shared by
    several. For one in a single module: the file of the module. For one without any file, such as in a notebook: its
    own compiled code, which hangs on the version of Python too.
    """
    told = set()
    for part in parts:
        if part is not None:
            target = unwrap(part) if callable(part) else part
            while isinstance(target, partial):
                target = unwrap(target.func)
            name = getattr(target, "__module__", None) or type(target).__module__
            told.add(_of_module(name) or _compiled(target))
    return b"".join(sorted(told))


@cache
def _of_module(name: str) -> bytes | None:
    """The hash of all files that belong to a module; ``None`` if it has none."""
    if name.partition(".")[0] == _HERE:
        return _hash(_judging(name))
    names = name.split(".")
    for depth in range(1, len(names) + 1):
        module = sys.modules.get(".".join(names[:depth]))
        if module is not None and hasattr(module, "__path__") and getattr(module, "__file__", None) is not None:
            return _hash(_files(resources.files(module)))
    module = sys.modules.get(name)
    return None if module is None else _of_single(module)


def _of_single(module: ModuleType) -> bytes | None:
    file = getattr(module, "__file__", None)
    loader = getattr(module, "__loader__", None)
    if file is None or loader is None or not hasattr(loader, "get_data"):
        return None
    try:
        data: bytes = loader.get_data(file)
    except OSError:
        return None
    return _hash([("", data[_PYC_HEAD:] if file.endswith(".pyc") else data)])


def _judging(name: str) -> Iterator[tuple[str, bytes]]:
    """The files of this library that a verdict of the programme of that module hangs on."""
    root = resources.files(_HERE)
    for folder, chosen in _SHARED.items():
        for file in _sorted(root / folder if folder else root):
            if (
                file.is_file()
                and file.name.endswith(_KINDS)
                and (chosen is None or file.name.partition(".")[0] in chosen)
            ):
                yield f"{folder}/{file.name}", _content(file)
    _, room, own, *_ = *name.split("."), "", ""
    for file in _sorted(root / room) if own and room in _SHARED else ():
        if file.is_dir() and file.name == own:
            yield from _files(file, f"{room}/{own}/")
        elif file.name in {f"{own}{kind}" for kind in _KINDS}:
            yield f"{room}/{file.name}", _content(file)


def _files(folder: Traversable, at: str = "") -> Iterator[tuple[str, bytes]]:
    for file in _sorted(folder):
        if file.is_dir():
            if file.name != "__pycache__" and not file.name.startswith("."):
                yield from _files(file, f"{at}{file.name}/")
        elif file.name.endswith(_KINDS):
            yield f"{at}{file.name}", _content(file)


def _sorted(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda file: file.name)


def _content(file: Traversable) -> bytes:
    data = file.read_bytes()
    return data[_PYC_HEAD:] if file.name.endswith(".pyc") else data


def _hash(files: Iterable[tuple[str, bytes]]) -> bytes:
    told = sha256()
    for name, data in files:
        told.update(f"{name} {len(data)}\n".encode())
        told.update(data)
    return told.digest()


def _compiled(part: object) -> bytes:
    """The hash of the compiled code of a function or of the functions of a class."""
    told = sha256(getattr(part, "__qualname__", type(part).__qualname__).encode())
    holders = [part, *(vars(part)[name] for name in sorted(vars(part)))] if isinstance(part, type) else [part]
    for holder in holders:
        code = getattr(holder, "__code__", None)
        if code is not None:
            told.update(repr(_facts(code)).encode())
    return told.digest()


def _facts(value: object) -> object:
    """What a code object does, without where it stands; sets in an order that does not hang on the process."""
    if isinstance(value, CodeType):
        return value.co_code, value.co_names, value.co_varnames, [_facts(each) for each in value.co_consts]
    if isinstance(value, tuple):
        return [_facts(each) for each in value]
    return sorted(map(repr, value)) if isinstance(value, frozenset) else repr(value)


__all__ = ["code_sha256"]
