import { expect, test } from "vitest";
import { checkTriggers } from "./check-triggers.ts";
import type { ActionDeclaration, GitConfiguration, PipelineDeclaration } from "./definition.ts";

test("a trigger is for one connection, with filters that can be told apart", () => {
  const message = (...triggers: NonNullable<PipelineDeclaration["triggers"]>) =>
    [...checkTriggers({ ...base, triggers })][0]?.message;
  const branches = { includes: ["main"] };
  expect(message(trigger({}))).toBeUndefined();
  expect(message(trigger({ push: [{ branches, filePaths: branches }] }))).toBeUndefined();
  expect(message(trigger({ sourceActionName: "Other" }))).toBe(
    "Triggers for connections must reference a CodeStarSourceConnection action.",
  );
  expect(message(trigger({ sourceActionName: "Nobody" }))).toMatch(/^Triggers for connections/);
  expect(message(trigger({}), trigger({}))).toMatch(/^Source action 'Fetch' has more than one trigger/);
  expect(message(trigger({ push: [{}] }))).toMatch(/neither tags nor branches/);
  expect(message(trigger({ push: [{ tags: branches, filePaths: branches }] }))).toMatch(/file paths but no branches/);
  expect(message(trigger({ pullRequest: [{ events: ["OPEN"] }] }))).toMatch(/has no branches/);
});

/** As much of a pipeline as triggers look at: one source with a connection and one without. */
const base: PipelineDeclaration = {
  name: "demo",
  roleArn: "arn:aws:iam::000000000000:role/pipeline",
  stages: [{ name: "S", actions: [source("Fetch", "CodeStarSourceConnection"), source("Other", "S3")] }],
};

function source(name: string, provider: string): ActionDeclaration {
  return { name, actionTypeId: { category: "Source", owner: "AWS", provider, version: "1" } };
}

function trigger(git: Partial<GitConfiguration>): NonNullable<PipelineDeclaration["triggers"]>[number] {
  return { providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "Fetch", ...git } };
}
