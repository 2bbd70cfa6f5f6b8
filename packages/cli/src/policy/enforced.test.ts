/*
 * What `penstock policy` prints is enough, and no statement is too much: whole projects run with exactly these
 * policies, enforced, and with any one of their statements taken away they fail.
 */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { WORKSPACE } from "../../../../conformance/server.ts";
import { withServer } from "../execution/session.ts";
import { startExecution } from "../execution/start-execution.ts";
import { isServiceError } from "../failure.ts";
import { checkPipeline } from "../preflight/check-pipeline.ts";
import { deployProject } from "../project/deploy.ts";
import type { Project, RoleDeclaration } from "../project/project.ts";
import { readProject } from "../project/read-project.ts";
import { type NeededRole, policyOf } from "./needed-role.ts";
import { neededRoles } from "./needed-roles.ts";
import { archiveProject } from "./testing/archive-project.ts";

/** What AWS asks for and Penstock does not: to look at a source's bucket, and to write logs, which are kept here in any case. */
const OF_AWS_ALONE = ["LookAtSources", "WriteLogs"];

function withRoles(project: Project, roles: readonly NeededRole[], without?: string): Project {
  const declared = roles.map(({ name, trust, statements }): [string, RoleDeclaration] => {
    const kept = statements.filter(({ Sid }) => `${name} ${Sid}` !== without);
    return [name, { trust, policies: kept.length === 0 ? {} : { needed: policyOf(kept) } }];
  });
  return { ...project, roles: Object.fromEntries(declared) };
}

/** Runs a project once on a server of its own that enforces policies; answers how it ended. */
function ended(project: Project): Promise<string> {
  const { account, region, pipeline } = project;
  const options = {
    port: 0,
    account,
    region,
    timing: "fast",
    unreported: "fail",
    iam: "enforce",
    log: () => {},
  } as const;
  return withServer(options, async ({ server, archive }) => {
    await deployProject(server, archive, project, () => {});
    const pipelineExecutionId = await startExecution(server, pipeline.name, {});
    await server.settled(pipelineExecutionId);
    const input = { pipelineName: pipeline.name, pipelineExecutionId };
    // Output of CodePipeline's GetPipelineExecution, as the model has it.
    const { pipelineExecution } = (await server.call("codepipeline", "GetPipelineExecution", input)) as {
      pipelineExecution: { status: string };
    };
    return pipelineExecution.status;
  });
}

/** CreatePipeline itself refuses a pipeline whose role may not assume those of its actions. */
function refusal(error: unknown): string {
  if (isServiceError(error)) return "refused";
  throw error;
}

describe.each([
  ["the demo", () => join(WORKSPACE, "examples/demo")],
  ["a project that needs everything", archiveProject],
])("of %s", (_, folderOf) => {
  let project: Project;
  let roles: readonly NeededRole[];
  let names: readonly string[];

  beforeAll(async () => {
    project = await readProject(folderOf());
    const needed = neededRoles(project);
    expect(needed.notes).toEqual([]);
    ({ roles } = needed);
    names = roles.flatMap(({ name, statements }) => statements.map(({ Sid }) => `${name} ${Sid}`));
  });

  test("its policies are enough", async () => {
    expect(await ended(withRoles(project, roles))).toBe("Succeeded");
  });

  test("the check before a run finds nothing to add to them", async () => {
    const findings = await checkPipeline(withRoles(project, roles));
    expect(findings.filter(({ statement, severity }) => statement || severity === "error")).toEqual([]);
  });

  test("with any one statement taken away it fails", { timeout: 180_000 }, async () => {
    const enforced = names.filter((name) => !OF_AWS_ALONE.some((sid) => name.endsWith(` ${sid}`)));
    expect(enforced.length).toBeGreaterThan(4);
    const endings: Record<string, string> = {};
    for (const name of enforced) endings[name] = await ended(withRoles(project, roles, name)).catch(refusal);
    expect(Object.entries(endings).filter(([, status]) => status !== "Failed" && status !== "refused")).toEqual([]);
  });
});
