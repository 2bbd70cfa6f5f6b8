import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { defineJob } from "../define-job.ts";
import type { Job } from "../job.ts";
import { runJob } from "../testing/testing.ts";

const scratch = mkdtempSync(join(tmpdir(), "penstock-artifacts-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A folder with what makes trouble: an empty folder, an executable, a link, a large file, names of all kinds. */
const folder = join(scratch, "folder");
mkdirSync(join(folder, "empty"), { recursive: true });
mkdirSync(join(folder, "sub/deep"), { recursive: true });
writeFileSync(join(folder, "run.sh"), "#!/bin/sh\n");
chmodSync(join(folder, "run.sh"), 0o755);
writeFileSync(join(folder, "sub/deep/é 🚀.txt"), "text");
writeFileSync(join(folder, "none"), "");
const LARGE = Buffer.alloc(3_000_000, "0123456789abcdef the large file ");
writeFileSync(join(folder, "large.bin"), LARGE);
symlinkSync("run.sh", join(folder, "linked.sh"));
/** Small, and smaller when it is deflated. */
const LONG = "0123456789".repeat(100);

const runs = (run: (job: Job) => Promise<unknown>) =>
  defineJob({
    async run(job) {
      await run(job);
    },
  });
const messageOf = (report: { readonly status: string; readonly message?: string }) =>
  `${report.status}: ${report.message?.replace(" (Lambda request request-1)", "")}`;

test("a folder goes through an artifact and comes out the same", async () => {
  let out = "";
  const handler = runs(async (job) => {
    out = await job.input("Source").extract();
    expect(readFileSync(join(out, "large.bin")).equals(LARGE)).toBe(true);
    expect(statSync(join(out, "run.sh")).mode & 0o777).toBe(0o755);
    expect(statSync(join(out, "none")).size).toBe(0);
    expect(readdirSync(join(out, "empty"))).toEqual([]);
    await job.output("Copy").addFolder(out);
  });
  const run = await runJob(handler, { inputs: { Source: folder }, outputs: ["Copy"] });
  expect(run.report).toEqual({ status: "Succeeded" });
  const copy = run.output("Copy");
  expect(await copy.files()).toEqual(["large.bin", "linked.sh", "none", "run.sh", "sub/deep/é 🚀.txt"]);
  expect(await copy.text("sub/deep/é 🚀.txt")).toBe("text");
  expect(run.written("Copy")).toEqual({ contentType: "application/zip", kmsKeyId: undefined });
  expect(existsSync(out)).toBe(false); // temporary folders go with the job
});

async function allOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer); // it is not in object mode
  return Buffer.concat(chunks);
}

test("equal content gives equal bytes", async () => {
  const handler = runs((job) => job.output("Copy").addFolder(folder));
  const bytes = async () => {
    const run = await runJob(handler, { outputs: ["Copy"] });
    return await allOf(await run.output("Copy").stream());
  };
  expect((await bytes()).equals(await bytes())).toBe(true);
});

test("one file is read as text, JSON or stream; JSON is checked by a schema", async () => {
  const source = { "a.txt": "text", "a.json": '\uFEFF{"n": 1}', "bad.json": "{" };
  const seen: unknown[] = [];
  const handler = runs(async (job) => {
    const input = job.input("Source");
    seen.push(await input.text("a.txt"), await input.json("./a.json"), (await input.file("a.txt")) instanceof Readable);
    await input.json("bad.json");
  });
  const { report } = await runJob(handler, { inputs: { Source: source } });
  expect(seen).toEqual(["text", { n: 1 }, true]);
  expect(report).toMatchObject({
    type: "ConfigurationError",
    message: expect.stringMatching(/^'bad.json' is no JSON: /),
  });
});

test("an output takes files, texts and streams of every kind, in order", async () => {
  const handler = runs(async (job) => {
    const output = job.output("Report");
    output.addText("a.txt", "a"); // nobody waits
    await output.addFile(join(folder, "run.sh"), "bin/run");
    await output.addFile(join(folder, "large.bin"));
    await output.addText("long.txt", LONG);
    await output.addStream("b.txt", Readable.from(["b", "b"]));
    await output.addStream("c.txt", new Blob(["c"]).stream());
    await output.addFolder(join(folder, "sub"), { under: "under" });
  });
  const run = await runJob(handler, { outputs: ["Report"], kmsKeyId: "key-1" });
  const report = run.output("Report");
  expect(await report.files()).toEqual([
    "a.txt",
    "b.txt",
    "bin/run",
    "c.txt",
    "large.bin",
    "long.txt",
    "under/deep/é 🚀.txt",
  ]);
  expect(await report.text("long.txt")).toBe(LONG);
  expect([await report.text("b.txt"), await report.text("c.txt")]).toEqual(["bb", "c"]);
  expect(await report.text("large.bin")).toBe(LARGE.toString());
  expect(run.written("Report")?.kmsKeyId).toBe("key-1");
});

test("a raw output is the bytes themselves, in parts when they are many", async () => {
  const many = 20 * 1024 * 1024 + 5;
  const handler = runs(async (job) => {
    await job.output("Small").raw('{"a":1}', { contentType: "application/json" });
    await job
      .output("Large")
      .raw(Readable.from([Buffer.alloc(many / 2, 1), Buffer.alloc(many - Math.floor(many / 2), 2)]));
  });
  const run = await runJob(handler, { outputs: ["Small", "Large"] });
  expect(run.written("Small")?.contentType).toBe("application/json");
  const large = await allOf(await run.output("Large").stream());
  expect([large.length, large.at(0), large.at(-1)]).toEqual([many, 1, 2]);
});

test.each<[string, (job: Job) => Promise<unknown>, string]>([
  ["throws", () => Promise.reject(new Error("no")), "Failed: no"],
  [
    "adds one name twice",
    (job) => job.output("Report").addText("a.txt", ""),
    "Failed: InvalidZip: entry 'a.txt' was added to the artifact before",
  ],
  [
    "adds after it closed",
    async (job) => {
      await job.output("Report").close();
      await job.output("Report").addText("b", "");
    },
    "Failed: The output artifact 'Report' is closed; nothing can be added.",
  ],
  [
    "mixes raw with files",
    (job) => job.output("Report").raw("x"),
    "Failed: The output artifact 'Report' has content already; 'raw' must be all of it.",
  ],
  [
    "adds a stream that breaks",
    (job) => job.output("Report").addStream("s", Readable.from(broken())),
    "Failed: the source broke",
  ],
  [
    "adds a folder that is not there",
    (job) => job.output("Report").addFolder("/nowhere/at/all"),
    "Failed: /nowhere/at/all does not exist, or is a link that leads nowhere.",
  ],
  ["fails by its word", async (job) => job.fail("no"), "Failed: no"],
  [
    "adds a folder with a link that leads back up",
    (job) => job.output("Report").addFolder(linking("up")),
    "Failed: 'up/sub/up' is a link to a folder that contains it.",
  ],
  [
    "adds a folder with a link out of it",
    (job) => job.output("Report").addFolder(linking()),
    "Failed: 'out' is a link that leads out of",
  ],
])("a job that %s leaves no artifact, unless it was closed before", async (what, misstep, message) => {
  const handler = runs(async (job) => {
    await job.output("Report").addText("a.txt", "a");
    await misstep(job);
  });
  const run = await runJob(handler, { outputs: ["Report"] });
  expect(messageOf(run.report)).toContain(message);
  expect(run.written("Report") !== undefined).toBe(what.includes("closed"));
});

async function* broken(): AsyncGenerator<string> {
  yield "some";
  throw new Error("the source broke");
}

function linking(to: "out" | "up" = "out"): string {
  const dir = mkdtempSync(join(scratch, "linking-"));
  mkdirSync(join(dir, "up/sub"), { recursive: true });
  symlinkSync("..", join(dir, to === "out" ? "out" : "up/sub/up"));
  return dir;
}

test("an input that nobody wrote is a revision that is unavailable; one that is denied, a matter of permission", async () => {
  const handler = runs((job) => job.input("Source").text("a"));
  const missing = await runJob(handler, { inputs: { Source: {} } });
  expect(missing.report).toMatchObject({ type: "RevisionUnavailable" });
  expect(messageOf(missing.report)).toContain(
    "The input artifact 'Source' (s3://artifacts/tested/Source/Source.zip) is not there.",
  );
  const faultOf = (call: string) =>
    call === "GetObject" ? Object.assign(new Error("no"), { name: "AccessDenied" }) : undefined;
  const denied = await runJob(handler, { inputs: { Source: folder }, faultOf });
  expect(denied.report).toMatchObject({ type: "PermissionError" });
});

test("a folder that exists is not unpacked into", async () => {
  const handler = runs((job) => job.input("Source").extract(folder));
  const { report } = await runJob(handler, { inputs: { Source: { "a.txt": "a" } } });
  expect(report).toMatchObject({ status: "Failed", message: expect.stringMatching(/ENOTEMPTY/) });
  expect(readdirSync(scratch).filter((name) => name.includes("unpacking"))).toEqual([]);
});

test("a text that is too large is not read", async () => {
  const handler = defineJob({
    limits: { textBytesMax: 3 },
    run: async (job) => void (await job.input("Source").text("a")),
  });
  const { report } = await runJob(handler, { inputs: { Source: { a: "1234" } } });
  expect(messageOf(report)).toBe("Failed: It has more than 3 bytes, too many to read at once.");
});
