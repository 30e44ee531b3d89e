"""The program ``shuroflow``: loads the command line, and ends quietly if Ctrl-C is pressed meanwhile.

It lies outside the package because whatever lies inside comes only after the package itself, which takes its time.
"""

from __future__ import annotations

import sys
from typing import NoReturn

_INTERRUPTED = 130


def main() -> NoReturn:
    """The entry point ``shuroflow``."""
    try:
        from shuroflow.cli import main as command
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    command()


__all__ = ["main"]
