/** `penstock run --watch` as a process, with functions that are saved while it watches. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

let folder = "";
let child: ChildProcess;
let printed = "";
/** Where the next look at what was printed begins. */
let seen = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "penstock-watch-"));
  for (const name of ["first", "second", "texts"]) mkdirSync(join(folder, name));
  save("texts/word.txt", "one");
  save("first/index.mjs", reporting("first"));
  save("second/index.mjs", reporting("second"));
  save("pipeline.json", JSON.stringify(PIPELINE));
  save("penstock.yaml", SURROUNDINGS);
  printed = "";
  seen = 0;
  child = spawn(process.execPath, [MAIN, "run", "--watch", folder], { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      child.emit("printed");
    });
  }
  await says("Watching.");
});
afterEach(async () => {
  const closed = child.stdout?.closed ? undefined : once(child, "close");
  child.kill("SIGKILL");
  await closed; // else its last words would be taken for the next one's
  rmSync(folder, { recursive: true, force: true });
});

function save(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** As editors save: a new file in the old one's place. */
function replace(name: string, text: string): void {
  save(`${name}.new~`, text);
  renameSync(join(folder, `${name}.new~`), join(folder, name));
}

/** Reads on until a text; answers what was printed up to there. */
async function says(text: string): Promise<string> {
  for (;;) {
    const at = printed.indexOf(text, seen);
    if (at >= 0) {
      const read = printed.slice(seen, at + text.length);
      seen = at + text.length;
      return read;
    }
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${printed}`);
    await once(child, "printed");
  }
}

const reporting = (word: string) => `
import { appendFileSync } from "node:fs";
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
appendFileSync(process.env.PIDS, process.pid + "\\n");
export const handler = async ({ "CodePipeline.job": { id, data } }) => {
  console.log("${word} with", data.inputArtifacts.map(({ name }) => name).join(), data.actionConfiguration.configuration.UserParameters);
  await new CodePipelineClient({}).send(new PutJobSuccessResultCommand({ jobId: id }));
};`;

const action = (name: string, provider: string, more: object) => ({
  name,
  actionTypeId: { category: provider === "S3" ? "Source" : "Invoke", owner: "AWS", provider, version: "1" },
  ...more,
});
const call = (name: string, functionName: string) =>
  action(name, "Lambda", {
    configuration: { FunctionName: functionName, UserParameters: `of ${name}` },
    inputArtifacts: [{ name: "Texts" }],
  });
const source = { S3Bucket: "watched-source", S3ObjectKey: "texts.zip", PollForSourceChanges: "false" };
const PIPELINE = {
  name: "watched",
  roleArn: "arn:aws:iam::123456789012:role/watched",
  artifactStore: { type: "S3", location: "watched-artifacts" },
  stages: [
    {
      name: "Source",
      actions: [action("Fetch", "S3", { configuration: source, outputArtifacts: [{ name: "Texts" }] })],
    },
    { name: "Work", actions: [call("One", "first"), call("Two", "second"), call("Three", "second")] },
  ],
};
const SURROUNDINGS = `
inputs: { Texts: texts }
functions:
  first: { code: first, handler: index.handler, environment: { PIDS: /dev/null } }
  second: { code: second, handler: index.handler, environment: { PIDS: /dev/null } }
`;

test("a function that is saved runs again as its actions alone, with the parameters and artifacts that they had", async () => {
  replace("second/index.mjs", reporting("other"));
  const said = await says("Work/Three Succeeded");
  expect(said).toContain("second/index.mjs was saved: Work/Two, Work/Three again.");
  expect(said).toMatch(
    /other with Texts of Two[\s\S]*Work\/Two Succeeded, \d+ms after the save[\s\S]*other with Texts of Three/,
  );
  expect(said).not.toMatch(/first with|Fetch/);
  await says("Watching.");
  save("second/index.mjs", reporting("third"));
  expect(await says("Work/Two Succeeded")).toContain("third with Texts of Two");
});

test("a broken save says the error, and the next one runs", async () => {
  save("first/index.mjs", "export const handler = (;\n");
  expect(await says("Work/One did not succeed")).toContain("SyntaxError");
  await says("Watching.");
  save("first/index.mjs", "export const handle = () => {};\n");
  expect(await says("Watching.")).toMatch(/penstock: function first: .* has no "handler"/);
  save("first/index.mjs", reporting("mended"));
  expect(await says("Work/One Succeeded")).toContain("mended with Texts of One");
});

test("another input, and another declaration, run the whole pipeline; one that is wrong is told with its place", async () => {
  save("texts/word.txt", "two");
  expect(await says("Watching.")).toMatch(
    /texts\/word\.txt was saved: the whole pipeline again[\s\S]*Fetch[\s\S]*Succeeded/,
  );
  save("penstock.yaml", `${SURROUNDINGS}\nodd: true\n`);
  expect(await says("Watching.")).toContain('unknown key "odd"');
  save("penstock.yaml", `${SURROUNDINGS}\nregion: eu-west-1\n`);
  expect(await says("Watching.")).toMatch(/^Succeeded$/m);
  save(
    "pipeline.json",
    JSON.stringify({ ...PIPELINE, stages: PIPELINE.stages.map((stage) => ({ ...stage, name: `${stage.name}2` })) }),
  );
  expect(await says("Watching.")).toContain("Work2/One");
});

const HANGING =
  'export const handler = () => new Promise((end) => { console.log("hanging"); setTimeout(end, 50_000); });\n';

test("what is saved during a run ends it", async () => {
  save("first/index.mjs", HANGING);
  await says("| hanging");
  save("first/index.mjs", reporting("quick"));
  expect(await says("Work/One Succeeded")).toMatch(/Something was saved, so this run is stopped[\s\S]*quick with/);
});

test("Ctrl-C ends it with status 0, and leaves no process of a function", async () => {
  const pids = join(folder, "pids");
  save("penstock.yaml", SURROUNDINGS.replaceAll("/dev/null", pids));
  await says("Watching.");
  save("first/index.mjs", reporting("again"));
  await says("Watching.");
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([0, null]);
  const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
  expect(started.length).toBeGreaterThanOrEqual(3);
  for (const pid of started) await gone(pid);
});

/** Resolves when a process is gone; the test's own timeout is the limit. A killed process takes a moment. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((next) => setImmediate(next));
  }
}
