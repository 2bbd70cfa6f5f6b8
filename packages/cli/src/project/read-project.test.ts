import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readProject } from "./read-project.ts";

const pipeline = {
  name: "demo",
  roleArn: "arn:aws:iam::123456789012:role/service-role/Pipe",
  artifactStore: { type: "S3", location: "store" },
  stages: [],
};

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-project-"));
  for (const [name, value] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));
  }
  return folder;
}

async function refused(path: string, message: RegExp, remedy: RegExp): Promise<void> {
  await expect(readProject(path)).rejects.toThrowError(
    expect.objectContaining({
      exitCode: 2,
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    }),
  );
}

test("a declaration is read in all the forms that people have it in", async () => {
  for (const value of [
    pipeline,
    { pipeline, tags: [] },
    { pipeline: { ...pipeline, version: 3 }, metadata: { created: 1 } },
  ]) {
    const file = join(folderWith({ "my-pipeline.json": value }), "my-pipeline.json");
    expect((await readProject(file)).pipeline).toMatchObject(pipeline);
  }
});

test("metadata is left out with a note, so that get-pipeline's output runs as it is", async () => {
  const folder = folderWith({ "pipeline.json": { pipeline, metadata: { created: 1 } } });
  const project = await readProject(folder);
  expect(project.notes).toEqual([expect.stringContaining('"metadata"')]);
  expect(project).not.toHaveProperty("metadata");
});

test("the account comes from the pipeline's role; penstock.yaml may only agree", async () => {
  const text = (account: string) => ({ "pipeline.json": pipeline, "penstock.yaml": `account: "${account}"\n` });
  expect((await readProject(folderWith(text("123456789012")))).account).toBe("123456789012");
  await refused(folderWith(text("210987654321")), /says account 210987654321/, /Leave "account" out/);
  await refused(
    folderWith({ "pipeline.json": { ...pipeline, roleArn: "Pipe" } }),
    /roleArn "Pipe" is not/,
    /arn:aws:iam/,
  );
});

test("penstock.yaml is read beside the pipeline, its paths relative to it, its defaults filled in", async () => {
  const folder = folderWith({
    "build.yml": `name: demo\nroleArn: ${pipeline.roleArn}\nstages: []\n`,
    "app.py": "def handler(e, c): pass\n",
    "penstock.yaml":
      "pipeline: build.yml\nregion: eu-west-1\nfunctions:\n  F: { handler: app.handler, code: ., environment: { PORT: 80 } }\nbuckets:\n  b:\ninputs:\n  Source: ./src\n",
  });
  const project = await readProject(folder);
  expect(project).toMatchObject({ region: "eu-west-1", buckets: { b: {} }, inputs: { Source: join(folder, "src") } });
  expect(project.functions["F"]).toEqual({
    runtime: "python3.12",
    handler: "app.handler",
    code: folder,
    environment: { PORT: "80" },
    timeoutSeconds: 60,
    memoryMb: 256,
  });
});

test("a folder without a pipeline, or with two, is refused", async () => {
  await refused(folderWith({}), /has no pipeline declaration/, /get-pipeline/);
  await refused(
    folderWith({ "pipeline.json": pipeline, "pipeline.yml": "" }),
    /both pipeline.json and pipeline.yml/,
    /Name one/,
  );
  await refused(folderWith({ "penstock.yaml": "pipeline: gone.json\n" }), /gone.json, which is not there/, /Correct/);
  await refused("no/such/place", /there is no file or folder no\/such\/place/, /Name a pipeline declaration/);
});

test("a function whose runtime or handler nobody tells is refused", async () => {
  const text = (line: string) => ({ "pipeline.json": pipeline, "penstock.yaml": `functions:\n  F: ${line}\n` });
  await refused(folderWith(text("{ code: . }")), /F has no runtime/, /python3.12/);
  await refused(folderWith(text("{ code: ., runtime: python3.12 }")), /F has no handler/, /lambda_function/);
});

test("services that are not served here may be sent elsewhere; nonsense is refused", async () => {
  const text = (way: string) => ({ "pipeline.json": pipeline, "penstock.yaml": `aws:\n  dynamodb: ${way}\n` });
  expect((await readProject(folderWith(text("http://localhost:8000")))).otherServices).toEqual({
    dynamodb: "http://localhost:8000",
  });
  await refused(folderWith(text("somewhere")), /must be "refuse", "aws" or a URL/, /./);
});
