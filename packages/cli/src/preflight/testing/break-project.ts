/** Ways to break one thing of a project. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Action, FunctionDeclaration, RoleDeclaration } from "../../project/project.ts";
import type { Broken, Mutable } from "./web-project.ts";

export function shipOf({ functions }: Broken): Mutable<FunctionDeclaration> {
  if (!functions["ship"]) throw new Error("there is no function ship");
  return functions["ship"];
}

export function actionOf(project: Broken, name: string): Mutable<Action> {
  const found = project.pipeline.stages.flatMap(({ actions }) => actions).find((action) => action.name === name);
  if (!found) throw new Error(`there is no action ${name}`);
  return found;
}

function configure(project: Broken, name: string, change: Record<string, string>): void {
  const action = actionOf(project, name);
  action.configuration = { ...action.configuration, ...change };
}

export function call(project: Broken, name: string, functionName: string): void {
  configure(project, name, { FunctionName: functionName });
}

export function pass(project: Broken, name: string, userParameters: string): void {
  configure(project, name, { UserParameters: userParameters });
}

export function giveRole(project: Broken, trust: Record<string, unknown>, account = "123456789012"): void {
  actionOf(project, "Ship").roleArn = `arn:aws:iam::${account}:role/shipper`;
  project.roles["shipper"] = { ...roleOf(project, "pipe"), trust };
}

export function declareVariable(project: Broken, defaultValue: string): void {
  project.pipeline.variables = [{ name: "text", defaultValue }];
}

/** A folder with one file. */
export function folderWith(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-check-"));
  writeFileSync(join(folder, name), text);
  return folder;
}

export function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "penstock-check-")), "code.zip");
  writeFileSync(file, text);
  return file;
}

export function roleOf(project: Broken, name: string): Mutable<RoleDeclaration> {
  const found = project.roles[name];
  if (!found) throw new Error(`there is no role ${name}`);
  return found;
}
