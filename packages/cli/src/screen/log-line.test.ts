import { expect, test } from "vitest";
import { shownLogLine } from "./log-line.ts";

const ID = "9e34e7c2-89fc-5a43-a96e-91f074f1e347";

test("a log line is shown without what Lambda puts before it", () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ["plain print", "plain print"],
    [`2026-11-24T06:48:30.710Z\t${ID}\tINFO\ttoken\tx`, "token    x"],
    [`2026-11-24T06:48:30.710Z\tundefined\tERROR\tbroken`, "ERROR broken"],
    [`[WARNING]\t2026-11-24T06:48:30.710Z\t${ID}\tlow on space`, "WARNING low on space"],
    ["[ERROR] NameError: name 'x' is not defined", "[ERROR] NameError: name 'x' is not defined"],
    [`START RequestId: ${ID} Version: $LATEST`, undefined],
    [`REPORT RequestId: ${ID}\tDuration: 1 ms`, undefined],
    [`END of file RequestId: ${ID}`, `END of file RequestId: ${ID}`],
  ];
  for (const [line, shown] of table) expect(shownLogLine(line)).toBe(shown);
});
