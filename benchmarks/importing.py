"""What `import shuroflow` costs over its own dependencies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measure import Figure, turns

DEPENDENCIES = "import attrs, cattrs, msgspec, transitions, dateutil.relativedelta"
CHECK = "import sys, shuroflow; assert not {'sqlalchemy', 'hypothesis'} & set(sys.modules), 'imports an extra'"


def figures() -> Iterator[Figure]:
    """A fresh interpreter each, in turn."""

    # As installed: byte code is written once and read from then on.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], check=True, env=env)

    run(CHECK)
    pair = turns(lambda: run(f"{DEPENDENCIES}; import shuroflow"), lambda: run(DEPENDENCIES), rounds=21)
    extra = (pair.ours - pair.baseline) * 1000
    yield {
        "figure": "import shuroflow over its own dependencies",
        "ours": round(extra, 1),
        "baseline": 40,
        "baseline_name": f"the limit set; the dependencies alone take {pair.baseline * 1000:.0f} ms",
        "unit": "ms",
        "ratio": round(extra / 40, 3),
        "target": 1.0,
        "met": extra <= 40,
    }
