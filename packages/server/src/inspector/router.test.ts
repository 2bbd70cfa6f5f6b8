import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ground, get, startGround } from "../why/testing/ground.ts";

let ground: Ground;
let jobId: string;
let executionId: string;

const CODE = `export const handler = () => { for (let line = 1; line <= 30; line += 1) console.log("line " + line); };`;

beforeAll(async () => {
  ground = await startGround();
  executionId = await ground.start({ name: "silent", code: CODE });
  await ground.server.settled(executionId);
  const page = await ground.pageOf(executionId);
  jobId = page.diagnosis.jobId ?? "";
});
afterAll(() => ground.stop());

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks with headers that `fetch` does not let one set; answers status and text. */
function ask({ path = `/_penstock/jobs/${jobId}`, method = "GET", headers = {}, body = "" }: Asked) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; text: string }>();
  const asking = request(ground.server.url + path, { method, headers }, async (response) => {
    let text = "";
    for await (const part of response) text += String(part);
    resolve({ status: response.statusCode, text });
  });
  asking.on("error", reject).end(body);
  return promise;
}

test("the page of an execution has its actions, each with its diagnosis, and the whole story", async () => {
  const page = await get(ground.server, `executions/${executionId}`);
  expect(page).toMatchObject({
    execution: executionId,
    next: null,
    actions: [
      { action: { name: "Fetch" }, diagnosis: { state: "succeeded" } },
      { action: { name: "Call", latestJobId: jobId }, diagnosis: { cause: "returnedWithoutReporting" } },
    ],
  });
  expect(page.timeline.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["executionStarted", "stageStarted", "invoked", "logLine", "executionFinished"]),
  );
});

test("the timeline of a job is paged, and the pages make the whole", async () => {
  const whole = await get(ground.server, `jobs/${jobId}`);
  const pages: unknown[] = [];
  for (let after: unknown = "0-0"; after !== null; ) {
    const page = await get(ground.server, `jobs/${jobId}?limit=7&after=${after}`);
    expect(page.timeline.length).toBeLessThanOrEqual(7);
    pages.push(...page.timeline);
    after = page["next"];
  }
  expect(whole.timeline.length).toBeGreaterThan(30);
  expect(pages).toEqual(whole.timeline);
  expect(whole.timeline.every((entry) => entry.actionExecutionId === whole.diagnosis.actionExecutionId)).toBe(true);
});

test("what is not there, or asked for wrongly, is refused", async () => {
  const table: readonly (readonly [Asked, number])[] = [
    [{ path: "/_penstock/jobs/none" }, 404],
    [{ path: "/_penstock/executions/none" }, 404],
    [{ path: `/_penstock/jobs/${jobId}/more` }, 404],
    [{ path: "/_penstock/constructor/x" }, 404],
    [{ path: `/_penstock/jobs/${jobId}?limit=0` }, 400],
    [{ path: `/_penstock/jobs/${jobId}?after=x` }, 400],
    [{ method: "DELETE" }, 405],
    [{ method: "POST", path: "/_penstock/clock", body: "x".repeat(20_000) }, 413],
  ];
  for (const [asked, status] of table) expect([asked, (await ask(asked)).status]).toEqual([asked, status]);
});

test("a page of another site cannot ask, by a name of its own or across origins", async () => {
  const { port } = ground.server;
  const table: readonly (readonly [Record<string, string>, number])[] = [
    [{ host: "attacker.example" }, 403],
    [{ host: `127.0.0.1.attacker.example:${port}` }, 403],
    [{ host: `localhost:${port}`, origin: "https://attacker.example" }, 403],
    [{ host: `localhost:${port}`, origin: "null" }, 403],
    [{ host: `localhost:${port}` }, 200],
    [{ host: `[::1]:${port}` }, 200],
    [{ host: `localhost:${port}`, origin: `http://localhost:${port}` }, 200],
  ];
  for (const [headers, status] of table) expect([headers, (await ask({ headers })).status]).toEqual([headers, status]);
});

test("a signature must be the root's, for the service penstock", async () => {
  const signed = (secret: string, service = "penstock") => ask({ headers: sign(secret, service) });
  expect((await signed("test")).status).toBe(200);
  expect((await signed("guess")).status).toBe(403);
  expect((await signed("test", "s3")).status).toBe(403);
});

test("a root sees what is of its own account, and of the server's own alone may use the clock", async () => {
  const other = "222222222222";
  const by = (path: string, accessKeyId: string) =>
    ask({ path, headers: sign("test", "penstock", { path, accessKeyId }) });
  for (const path of [
    `/_penstock/jobs/${jobId}`,
    `/_penstock/jobs/${jobId}/capture`,
    `/_penstock/executions/${executionId}`,
  ]) {
    expect([path, (await by(path, "test")).status]).toEqual([path, 200]);
    expect([path, (await by(path, "000000000000")).status]).toEqual([path, 200]);
    expect([path, (await by(path, other)).status]).toEqual([path, 404]);
  }
  expect((await by("/_penstock/clock", "test")).status).toBe(200);
  expect((await by("/_penstock/clock", other)).status).toBe(403);
});

test("the clock is set forward, and only so", async () => {
  const path = "/_penstock/clock";
  const json = { "content-type": "application/json" };
  const move = (body: string, headers: Record<string, string> = json) => ask({ path, method: "POST", headers, body });
  for (const body of ["", "[]", "{}", '{"advanceMs":-1}', '{"advanceMs":0.5}', '{"advanceMs":1e15}']) {
    expect([body, (await move(body)).status]).toEqual([body, 400]);
  }
  expect((await move('{"advanceMs":1000}', { "content-type": "text/plain" })).status).toBe(415);
  const before = JSON.parse((await ask({ path })).text);
  expect(before).toMatchObject({ aheadMs: 0, isFixed: false });
  expect(JSON.parse((await move('{"advanceMs":3600000}')).text)).toMatchObject({ aheadMs: 3_600_000 });
  // Clients sign by the real clock, and are still believed; what the server dates is an hour ahead.
  await ground.server.call("s3", "CreateBucket", { Bucket: "later" });
  const { Buckets = [] } = (await ground.server.call("s3", "ListBuckets", {})) as {
    Buckets?: { Name: string; CreationDate: number | Date }[];
  }; // by the model
  const later = Buckets.find(({ Name }) => Name === "later")?.CreationDate ?? 0;
  expect(new Date(later).getTime()).toBeGreaterThan(before.now + 3_500_000);
  expect((await ask({ headers: sign("test", "penstock") })).status).toBe(200);
  await expect(ground.server.advanceClock(0)).rejects.toThrow(RangeError);
});

test("with the service's rhythm the clock is the machine's, for all but who holds the server", async () => {
  const strict = await startGround({ timing: "aws" });
  try {
    const options = { method: "POST", headers: { "content-type": "application/json" }, body: '{"advanceMs":1000}' };
    const answer = await fetch(`${strict.server.url}/_penstock/clock`, options);
    expect(answer.status).toBe(409);
    expect(await answer.json()).toEqual({ error: expect.stringContaining("--timing fast") });
    await strict.server.advanceClock(1_000);
  } finally {
    await strict.stop();
  }
});

/** Signature Version 4 by hand: no official client asks for these pages. */
function sign(
  secret: string,
  service: string,
  { path = `/_penstock/jobs/${jobId}`, accessKeyId = "test" } = {},
): Record<string, string> {
  const host = `127.0.0.1:${ground.server.port}`;
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const sha = (text: string) => createHash("sha256").update(text).digest("hex");
  const canonical = `GET\n${path}\n\nhost:${host}\nx-amz-date:${date}\n\nhost;x-amz-date\n${sha("")}`;
  const scope = [date.slice(0, 8), "us-east-1", service, "aws4_request"];
  const key = scope.reduce<string | Buffer>(
    (from, part) => createHmac("sha256", from).update(part).digest(),
    `AWS4${secret}`,
  );
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope.join("/")}\n${sha(canonical)}`;
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const credential = `Credential=${accessKeyId}/${scope.join("/")}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
  return { host, "x-amz-date": date, authorization: `AWS4-HMAC-SHA256 ${credential}` };
}
