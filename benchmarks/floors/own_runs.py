"""The floor of an action: the function's own runs, one after the other, against a server that does nothing.

own_runs.py COUNT FILE: writes the median to FILE, in milliseconds.
"""

import pathlib
import statistics
import sys

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent / "functions" / "python"))

import report  # noqa: E402

WARM_UP_COUNT = 20

count, file = int(sys.argv[1]), pathlib.Path(sys.argv[2])
event = {"CodePipeline.job": {"id": "11111111-2222-3333-4444-555555555555"}}
runs = [report.handler(event, None)["ownNanos"] / 1e6 for _ in range(WARM_UP_COUNT + count)]
file.write_text(str(statistics.median(runs[WARM_UP_COUNT:])))
