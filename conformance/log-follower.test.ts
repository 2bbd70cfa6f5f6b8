import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pythonPath } from "./boto3.ts";
import { cleanEnvironment } from "./client.ts";
import { createFunction, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock, WORKSPACE } from "./server.ts";

/* What `aws logs tail --follow` sees of a function, by its own calls; version 1 of the AWS CLI does not have the command. */

const server = await startPenstock();
const client = javascript(server);
beforeAll(async () => {
  const code = await zipOf({
    "index.mjs": "export const handler = async ({ say }) => { for (const one of say) console.log(one); };",
  });
  await createFunction(client, { name: "says", runtime: "nodejs22.x", handler: "index.handler", code });
});
afterAll(() => server.stop());

const say = (...words: string[]) =>
  client.lambda.invoke({ FunctionName: "says", Payload: JSON.stringify({ say: words }) });

/** How Lambda's own lines begin. */
const LAMBDA_LINE = /^(?:INIT_START|START|END|REPORT)\b/;

function follow(pattern = "") {
  const child = spawn(pythonPath(), [join(WORKSPACE, "conformance/log_follower.py"), "/aws/lambda/says", pattern], {
    env: cleanEnvironment(server),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** What is new, without what differs from call to call. */
    async look(): Promise<readonly string[]> {
      child.stdin.write("look\n");
      const { value = "[]" } = await lines.next();
      return (JSON.parse(value) as string[]).map(
        (line) => LAMBDA_LINE.exec(line)?.[0] ?? line.split("\t").at(-1) ?? "",
      );
    },
    async end() {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

test("each look tells what was written since, START, END and REPORT with it, and nothing twice", async () => {
  const follower = follow();
  await say("one", "two");
  expect(await follower.look()).toEqual(["START", "one", "two", "END", "REPORT"]);
  expect(await follower.look()).toEqual([]);
  await say("three");
  expect(await follower.look()).toEqual(["START", "three", "END", "REPORT"]);
  await follower.end();
});

test("with a pattern it tells only what fits", async () => {
  const follower = follow("orders");
  await say("4 orders", "no match", "5 orders");
  expect(await follower.look()).toEqual(["4 orders", "5 orders"]);
  await follower.end();
});
