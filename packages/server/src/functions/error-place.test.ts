import { expect, test } from "vitest";
import { errorPlace } from "./error-place.ts";

test("the place is the innermost frame in the function's own code", () => {
  const traces: readonly (readonly [readonly string[], string | undefined])[] = [
    [
      [
        '  File "/var/task/app.py", line 3, in handler\n    run()\n',
        '  File "/var/task/work.py", line 9, in run\n    1/0\n',
      ],
      "work.py:9",
    ],
    [
      [
        '  File "/var/task/app.py", line 3, in handler\n',
        '  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads\n',
      ],
      "app.py:3",
    ],
    [['  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads\n'], "__init__.py:346"],
    [
      [
        "TypeError: x",
        "    at handler (file:///var/task/index.mjs:3:9)",
        "    at run (file:///opt/runtimes/node/main.mjs:8:1)",
      ],
      "index.mjs:3",
    ],
    [["    at /var/task/node_modules/lib/a.js:1:2", "    at async /var/task/src/index.js:30:5"], "index.js:30"],
    [['  File "/var/task/app.py" Line 5\n    def handler(event, context)'], "app.py:5"],
    [["    at node:internal/process/task_queues:95:5"], undefined],
    [[], undefined],
  ];
  for (const [trace, place] of traces) expect(errorPlace(trace)).toBe(place);
});
