import { expect, test } from "vitest";
import type { FunctionDeclaration, Project } from "../project/project.ts";
import { watchedPaths, whatChanged } from "./what-changed.ts";

const declared = (code: string): FunctionDeclaration => ({
  runtime: "nodejs24.x",
  handler: "index.handler",
  code,
  environment: {},
  timeoutSeconds: 60,
  memoryMb: 256,
});

const project = {
  files: ["/p/pipeline.json", "/p/penstock.yaml"],
  functions: {
    whole: declared("/p"),
    part: declared("/p/part"),
    zipped: declared("/p/zipped.zip"),
    deep: declared("/q/code"),
  },
  inputs: { Texts: "/p/texts", Both: "/p/part/both", All: "/q", Bytes: Buffer.from("") },
} as unknown as Project & { readonly files: readonly string[] };

test.each([
  [["/p/pipeline.json"], { type: "project" }],
  [["/p/part/index.mjs", "/p/penstock.yaml"], { type: "project" }],
  [["/p/texts/a.txt"], { type: "inputs" }],
  [["/p/texts/a.txt", "/p/part/index.mjs"], { type: "inputs" }],
  [["/p/index.mjs"], { type: "functions", names: ["whole"] }],
  [["/p/part/deep/index.mjs"], { type: "functions", names: ["part"] }],
  [["/p/part/both/a.txt"], { type: "inputs" }],
  [["/p/partner.mjs"], { type: "functions", names: ["whole"] }],
  [["/p/zipped.zip", "/p/part/a.mjs"], { type: "functions", names: ["zipped", "part"] }],
  [["/q/a.txt"], { type: "inputs" }],
  [["/q/code/index.mjs"], { type: "functions", names: ["deep"] }],
  [["/elsewhere/index.mjs"], undefined],
])("%j means %j", (paths, expected) => {
  expect(whatChanged(paths, project)).toEqual(expected);
});

test("a project that is declared anew because a declaration changed is watched with all that it names", () => {
  expect(watchedPaths(project)).toEqual([
    "/p/pipeline.json",
    "/p/penstock.yaml",
    "/p/texts",
    "/p/part/both",
    "/q",
    "/p",
    "/p/part",
    "/p/zipped.zip",
    "/q/code",
  ]);
});
