import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CustomActionTypeDeclaration } from "@penstock/pipeline";
import { type Server, startServer } from "@penstock/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deployActionTypes, registeredIn } from "./action-types.ts";
import type { Project } from "./project.ts";

const dataDir = mkdtempSync(join(tmpdir(), "penstock-action-types-"));
let server: Server;
beforeAll(async () => {
  server = await startServer({ dataDir, isThrowAway: true });
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const counts = { minimumCount: 0, maximumCount: 1 };
const linkCheck: CustomActionTypeDeclaration = {
  category: "Test",
  provider: "LinkCheck",
  version: "1",
  inputArtifactDetails: counts,
  outputArtifactDetails: counts,
};

function withTypes(...actionTypes: readonly CustomActionTypeDeclaration[]): Project {
  const rest = { functions: {}, roles: {}, buckets: {}, inputs: {}, account: "", region: "", origin: "", notes: [] };
  return { pipeline: { name: "p", roleArn: "", stages: [] }, actionTypes, ...rest };
}

async function listed(): Promise<readonly unknown[]> {
  const input = { actionOwnerFilter: "Custom" };
  const answer = (await server.call("codepipeline", "ListActionTypes", input)) as { actionTypes: { id: unknown }[] };
  return answer.actionTypes.map(({ id }) => id);
}

test("declared types are made once, and doing it twice changes nothing", async () => {
  for (const _ of [1, 2]) await deployActionTypes(server, withTypes(linkCheck));
  expect(await listed()).toEqual([{ category: "Test", owner: "Custom", provider: "LinkCheck", version: "1" }]);
});

test("a version that is there and differs is refused, and another version is made beside it", async () => {
  const changed = { ...linkCheck, inputArtifactDetails: { minimumCount: 1, maximumCount: 1 } };
  await expect(deployActionTypes(server, withTypes(changed))).rejects.toMatchObject({
    exitCode: 2,
    message: "action type LinkCheck is there with version 1, and other than penstock.yaml declares it",
  });
  await deployActionTypes(server, withTypes({ ...changed, version: "2" }));
  expect(await listed()).toHaveLength(2);
});

test("what the service refuses is told in its words", async () => {
  const wrong = { ...linkCheck, provider: "Wrong", inputArtifactDetails: { minimumCount: 2, maximumCount: 1 } };
  await expect(deployActionTypes(server, withTypes(wrong))).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^action type Wrong: ValidationException: Maximum Number of Artifacts \(1\)/),
  });
});

test("a project is held against the types that it declares; one that declares none may use any", () => {
  expect(registeredIn(withTypes(linkCheck)).registered?.map(({ id }) => id.provider)).toEqual(["LinkCheck"]);
  const { actionTypes: _, ...none } = withTypes();
  expect(registeredIn(none)).toEqual({});
});
