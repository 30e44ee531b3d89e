"""``python -m shuroflow.verification.serve MODULE:NAME``: a system in Python answers the line protocol on its pipes."""

from __future__ import annotations

import argparse
import sys

from shuroflow.errors import ShuroflowError
from shuroflow.verification.drivers import factory_of, serve


def main(arguments: list[str] | None = None) -> int:
    """Answer until the kit has no more questions; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m shuroflow.verification.serve",
        description="Answer the line protocol of the verification kit for a driver in Python: one JSON object a line "
        "on standard input, its answer on standard output.",
    )
    parser.add_argument("driver", metavar="MODULE:NAME", help="what opens the system: a class or function, no argument")
    parser.add_argument("--name", default="", help="what the system calls itself; by default the name of the driver")
    given = parser.parse_args(arguments)
    try:
        driver = factory_of(given.driver)()
    except ShuroflowError as error:
        print(error, file=sys.stderr)
        return 2
    serve(driver, name=given.name or given.driver)
    return 0


if __name__ == "__main__":
    sys.exit(main())
