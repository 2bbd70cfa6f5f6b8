import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("./", import.meta.url));
const noted = new URL("../../../../.tools/python.json", import.meta.url);

test("orders added some at a time have the totals of all at once, in exact cents", () => {
  const [atOnce, inSteps] = python(`
    orders = read_orders("order,country,quantity,unit_price\\n1,Japan,3,0.10\\n2,Norway,1,19.99\\n3,Japan,2,0.35\\n")
    totals = {}
    for order in orders:
        totals = add_orders(totals, [order])
    answer(add_orders({}, orders), totals)
  `);
  expect(atOnce).toEqual({ Japan: 100, Norway: 1999 });
  expect(inSteps).toEqual(atOnce);
});

test("the summary names the best country, and nowhere when there is no order", () => {
  const [summary, empty] = python('answer(summary_of(2, {"Norway": 5, "Japan": 9}), summary_of(0, {}))');
  expect(summary).toEqual({ orders: 2, totalCents: 14, centsByCountry: { Japan: 9, Norway: 5 }, bestCountry: "Japan" });
  expect(empty).toEqual({ orders: 0, totalCents: 0, centsByCountry: {}, bestCountry: "nowhere" });
});

test("money has two decimals", () => {
  expect(python("answer(money(0), money(5), money(123456), money(-150))")).toEqual([
    "0.00",
    "0.05",
    "1234.56",
    "-1.50",
  ]);
});

test.each([
  ["", "ConfigurationError: orders.csv has no column order, country, quantity, unit_price; its columns are: none"],
  [
    "order,country,quantity\\n",
    "ConfigurationError: orders.csv has no column unit_price; its columns are: order, country, quantity",
  ],
  [
    "order,country,quantity,unit_price\\n7,Japan,two,1.00\\n",
    "JobFailed: order 7: 'two' times '1.00' is no price; both must be numbers",
  ],
  [
    "order,country,quantity,unit_price\\n7,Japan,2\\n",
    "JobFailed: order 7: '2' times None is no price; both must be numbers",
  ],
  [
    "order,country,quantity,unit_price\\n7,Japan,2,NaN\\n",
    "JobFailed: order 7: '2' times 'NaN' is no price; both must be numbers",
  ],
])("the file %j is refused", (file, refusal) => {
  const answers = python(`
    try:
        answer(add_orders({}, read_orders("${file}")))
    except Refused as refused:
        answer(f"{refused.failure_type}: {refused}")
  `);
  expect(answers).toEqual([refusal]);
});

/** Runs Python beside the function's modules; its `answer(…)` is what comes back. */
function python(code: string): unknown[] {
  const indentation = /^ */.exec(code.replace(/^\n/, ""))?.[0] ?? "";
  const lines = code.split("\n").map((line) => line.replace(indentation, ""));
  const script = ["import json", "from job import Refused", "from totals import *", ANSWER, ...lines].join("\n");
  const { executable } = JSON.parse(readFileSync(noted, "utf8"));
  const env = { PYTHONDONTWRITEBYTECODE: "1", AWS_DEFAULT_REGION: "us-east-1" };
  return JSON.parse(execFileSync(executable, ["-c", script], { cwd: folder, env, encoding: "utf8" }));
}

const ANSWER = "answer = lambda *values: print(json.dumps(values))";
