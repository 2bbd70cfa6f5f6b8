import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMPILER, findNode, type Installed, install } from "./installed.ts";

let project: Installed;
beforeAll(() => {
  project = install();
});
afterAll(() => project.remove());

/** A function, and a run of it in memory: a job that copies what it got, and one whose zip is refused. */
const BODY = `
const handler = defineJob({
  async run(job) {
    await job.output("Copy").addFolder(await job.input("Source").extract());
    return job.succeed({ variables: { Read: await job.input("Source").text("a.txt") } });
  },
});
const inputs = { Source: { "a.txt": "text" } };
runJob(handler, { inputs, outputs: ["Copy"] })
  .then(async (run) => console.log(JSON.stringify([run.report, await run.output("Copy").text("a.txt")])))
  .then(() => runJob(handler, { inputs: { Source: Buffer.from("no zip") }, outputs: ["Copy"] }))
  .then((run) => console.log(run.report.message));
`;
const PRINTED = [
  '[{"status":"Succeeded","variables":{"Read":"text"}},"text"]',
  "InvalidZip: The input artifact 'Source' is no zip; 'stream' gives its bytes (Lambda request request-1)",
];
const FORMATS = [
  [
    "ES modules",
    "run.mjs",
    'import { defineJob } from "@penstock/toolkit"; import { runJob } from "@penstock/toolkit/testing";',
  ],
  [
    "CommonJS",
    "run.cjs",
    'const { defineJob } = require("@penstock/toolkit"); const { runJob } = require("@penstock/toolkit/testing");',
  ],
] as const;

describe.each([20, 24])("under Node %d the packed library runs", (major) => {
  const node = findNode(major) ?? "";

  // Node 20 is not on every machine.
  test.skipIf(node === "").each(FORMATS)("from %s, in memory", (_, file, imports) => {
    project.write(file, imports + BODY);
    expect(project.run(node, [file]).trim().split("\n")).toEqual(PRINTED);
  });

  // Node 20 is not on every machine.
  test.skipIf(node === "").each([
    [
      "ES modules",
      "call.mjs",
      'import { defineJob } from "@penstock/toolkit";\nimport { jobEvent } from "@penstock/toolkit/testing";',
    ],
    [
      "CommonJS",
      "call.cjs",
      'const { defineJob } = require("@penstock/toolkit");\nconst { jobEvent } = require("@penstock/toolkit/testing");',
    ],
  ])("from %s, and reports by the SDK that is there", async (_, file, imports) => {
    const call =
      'defineJob({ run: (job) => job.succeed({ summary: "done" }) })(jobEvent({ jobId: "the-job" })).then(console.log);';
    project.write(file, `${imports}\n${call}\n`);
    const { port, asked, close } = await endpoint();
    try {
      await runAsync(node, file, port);
    } finally {
      close();
    }
    expect(asked).toEqual([
      'CodePipeline_20150709.PutJobSuccessResult {"jobId":"the-job","executionDetails":{"summary":"done"}}',
    ]);
  });
});

/** What CodePipeline is asked. */
async function endpoint() {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked.push(`${request.headers["x-amz-target"]} ${body}`);
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, asked, close: () => server.close() }; // it listens on a port
}

/** Without keeping this process from answering. */
async function runAsync(node: string, file: string, port: number): Promise<void> {
  const variables = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  await promisify(execFile)(node, [file], { cwd: project.dir, env: { ...process.env, ...variables } });
}

const TYPED = `
export const handler: JobHandler = defineJob({
  parameters: z.object({ table: z.string() }),
  async run(job) {
    const table: string = job.parameters.table;
    return job.succeed({ variables: { Table: table } });
  },
});
export const run: Promise<JobRun> = runJob(handler, { parameters: { table: "orders" } });
// @ts-expect-error: there is no such type of failure
export const type: FailureType = "Failed";
`;

test.each([
  ["node16", "node16"],
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
])("a TypeScript project compiles against it with module %s and moduleResolution %s", (module, moduleResolution) => {
  const imports = [
    'import { defineJob, type FailureType, type JobHandler } from "@penstock/toolkit";',
    'import { type JobRun, runJob } from "@penstock/toolkit/testing";',
    'import { z } from "zod";',
  ].join("\n");
  // With a bundler all modules are alike; else Node decides by the file's name what an import means.
  const files = moduleResolution === "bundler" ? ["typed.ts"] : ["typed.mts", "typed.cts"];
  for (const file of files) project.write(file, imports + TYPED);
  const options = {
    module,
    moduleResolution,
    target: "es2022",
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ["node"],
  };
  project.write("tsconfig.json", JSON.stringify({ compilerOptions: options, files }));
  expect(project.run(process.execPath, [COMPILER, "-p", "tsconfig.json"])).toBe("");
});

test("the function of its README compiles, and does what it says", () => {
  const readme = readFileSync(`${project.dir}/node_modules/@penstock/toolkit/README.md`, "utf8");
  project.write("readme.mts", /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "");
  const options = { module: "nodenext", target: "es2022", strict: true, noEmit: true, types: ["node"] };
  project.write("tsconfig.json", JSON.stringify({ compilerOptions: options, files: ["readme.mts"] }));
  expect(project.run(process.execPath, [COMPILER, "-p", "tsconfig.json"])).toBe("");
  const call = `
    import { runJob } from "@penstock/toolkit/testing";
    import { handler } from "./readme.mts";
    const inputs = { Source: { "a.txt": "text" } };
    const run = await runJob(handler, { parameters: "table=orders", inputs, outputs: ["Report"] });
    console.log(JSON.stringify([run.report, await run.output("Report").files()]));
  `;
  project.write("run-readme.mjs", call);
  expect(JSON.parse(project.run(process.execPath, ["run-readme.mjs"]))).toEqual([
    { status: "Succeeded", variables: { Table: "orders" } },
    ["a.txt"],
  ]);
});

test("publint finds nothing", async () => {
  const pkgDir = `${project.dir}/node_modules/@penstock/toolkit`;
  const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("the types are right for whoever imports or requires, in every resolution that knows exports", async () => {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(project.tarball)));
  if (!result.types) throw new Error("The package has no types.");
  const problems = result.problems.filter(
    (problem) => !("resolutionKind" in problem && problem.resolutionKind === "node10"),
  );
  expect(problems).toEqual([]);
  expect(Object.keys(result.entrypoints)).toEqual([".", "./testing", "./package.json"]);
});

test("it has no dependency, and no file of its tests", () => {
  const folder = `${project.dir}/node_modules/@penstock/toolkit`;
  const declared = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  expect(declared.dependencies).toBeUndefined();
  const files = project.run("tar", ["-tzf", project.tarball]).split("\n");
  expect(files.filter((file) => /\.(test|scripted)\./.test(file))).toEqual([]);
  expect(files).toContain("package/dist/esm/index.js.map");
  expect(files).toContain("package/src/index.ts");
});
