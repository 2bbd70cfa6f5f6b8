import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, clientVariables, ended, PROGRAM, ROOT, start, startNode, timed } from "../bench.ts";
import type { StubAnswer } from "../floors/stub.ts";
import type { Comparison } from "../measuring/compare.ts";
import type { Rig } from "../measuring/rounds.ts";
import { startProgram } from "../program.ts";
import type { Scenario } from "./scenario.ts";

/** A function that is saved while `penstock run --watch` looks on. */
export const watch: Scenario = {
  name: "watch",
  title: "`penstock run --watch`, from a save to the word that the action succeeded",
  method:
    "Ours is the time from the last byte of a save until the program prints that the function's action has succeeded: it sees the change, starts the function anew and runs the action. The first floor is the 300 ms that it promises. The second is the interpreter alone: the same imports and one PutJobSuccessResult to a running server that does nothing.",
  roundsCount: 15,
  warmUpCount: 2,
  open,
};

/** What is promised. Unit: milliseconds. */
const PROMISED_MS = 300;

const FUNCTIONS = {
  node: { file: "report.mjs", handler: "report.handler" },
  python: { file: "report.py", handler: "report.handler" },
} as const;

type Language = keyof typeof FUNCTIONS;

async function open(bench: Bench): Promise<Rig> {
  const stub = startProgram<object, StubAnswer>(bench, new URL("../floors/stub.ts", import.meta.url));
  const variables = clientVariables((await stub.ask({})).port);
  const watched = { node: await startWatching(bench, "node"), python: await startWatching(bench, "python") };
  const floor = (language: Language) => {
    const script = join(ROOT, "benchmarks/floors", FUNCTIONS[language].file);
    if (language === "node") return timed(bench, () => startNode(bench, [script], { variables }));
    return timed(bench, () => start(bench, bench.python, [script], { variables }));
  };
  const slices = (["node", "python"] as const).flatMap((language) => [
    { name: language, run: async () => ({ [language]: await floor(language) }) },
    {
      name: `watch ${language}`,
      run: async () => ({ [`watch ${language}`]: await watched[language].save(), promised: PROMISED_MS }),
    },
    { name: `${language} again`, run: async () => ({ [`${language} again`]: await floor(language) }) },
  ]);
  return {
    slices,
    comparisons: [...comparisonsOf("Node function on SDK v3", "node"), ...comparisonsOf("Python function", "python")],
    async close() {
      for (const { stop } of Object.values(watched)) await stop();
      await stub.stop();
    },
  };
}

function comparisonsOf(what: string, language: Language): readonly Comparison[] {
  const ours = `watch ${language}`;
  const promise = { ours, floor: "promised", twins: ["promised", "promised"], unit: "ms" } as const;
  const bare = { ours, floor: language, twins: [language, `${language} again`], unit: "ms" } as const;
  return [
    { label: `${what}, against the promised ${PROMISED_MS} ms`, ...promise, goal: { atMost: 1 } },
    { label: `${what}, against its bare run`, ...bare },
  ];
}

interface Watched {
  /** Saves the function, and answers how long it takes until its action has succeeded. Unit: milliseconds. */
  save(): Promise<number>;
  stop(): Promise<void>;
}

async function startWatching(bench: Bench, language: Language): Promise<Watched> {
  const folder = join(bench.workDir, `watched-${language}`);
  const file = writeProject(folder, language);
  const child = spawn(bench.node, [PROGRAM, "run", "--watch", folder], {
    cwd: bench.workDir,
    env: { ...bench.environment },
    stdio: ["ignore", "pipe", "ignore"],
  });
  bench.children.add(child);
  child.once("exit", () => bench.children.delete(child));
  const says = reader(child);
  await says("Watching.");
  return {
    async save() {
      appendFileSync(file, language === "node" ? "//\n" : "#\n");
      const savedAt = performance.now();
      const said = await says(" after the save.");
      const ms = performance.now() - savedAt;
      if (!said.includes("Call Succeeded")) throw new Error(`The action did not succeed:\n${said}`);
      await says("Watching.");
      return ms;
    },
    async stop() {
      child.kill("SIGINT");
      await ended(child);
    },
  };
}

/** Reads on, each time until a text; answers what stood before it. */
function reader(child: ChildProcess): (text: string) => Promise<string> {
  let unread = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    unread += text;
    child.emit("printed");
  });
  return async (text) => {
    for (;;) {
      const at = unread.indexOf(text);
      if (at >= 0) {
        const read = unread.slice(0, at);
        unread = unread.slice(at + text.length);
        return read;
      }
      if (child.exitCode !== null) throw new Error(`penstock run --watch ended before it said ${text}:\n${unread}`);
      await once(child, "printed");
    }
  };
}

/** A pipeline of a source and the function. Answers the function's file. */
function writeProject(folder: string, language: Language): string {
  const { file, handler } = FUNCTIONS[language];
  for (const name of ["src", "source"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "source", "a.txt"), "text");
  const code = join(folder, "src", file);
  copyFileSync(join(ROOT, "benchmarks/functions", language, file), code);
  const functions = { watched: { code: "src", handler } };
  writeFileSync(join(folder, "penstock.yaml"), JSON.stringify({ inputs: { Source: "source" }, functions }));
  const action = (name: string, category: string, provider: string, more: object) => ({
    name,
    actionTypeId: { category, owner: "AWS", provider, version: "1" },
    ...more,
  });
  const source = { S3Bucket: "source", S3ObjectKey: "source.zip", PollForSourceChanges: "false" };
  const stages = [
    action("Fetch", "Source", "S3", { configuration: source, outputArtifacts: [{ name: "Source" }] }),
    action("Call", "Invoke", "Lambda", { configuration: { FunctionName: "watched" } }),
  ].map((each) => ({ name: each.name, actions: [each] }));
  const roleArn = "arn:aws:iam::123456789012:role/pipeline";
  const artifactStore = { type: "S3", location: "artifacts" };
  writeFileSync(join(folder, "pipeline.json"), JSON.stringify({ name: "watched", roleArn, artifactStore, stages }));
  return code;
}
