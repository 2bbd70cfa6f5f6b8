import type { ActionTypeDeclaration, ActionTypeId } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { rootOf } from "./across-accounts-ground.ts";
import { boto3 } from "./boto3.ts";
import { javascript } from "./javascript.ts";
import { openWorkerBench } from "./worker-bench.ts";

/*
 * A partner in an account of its own: its customers use its action types, and its workers work on their jobs.
 */

const bench = await openWorkerBench();
afterAll(bench.server.stop);

const PARTNER = "999988887777";
const STRANGER = "111122223333";
const NO = { type: "JobFailed", message: "no" } as const;

const clients = [
  ["AWS SDK for JavaScript v3", javascript],
  ["boto3", boto3],
] as const;

describe.each(clients)("A partner of another account by %s", (_, make) => {
  const partner = rootOf(bench.server, make, PARTNER).codePipeline;
  const stranger = rootOf(bench.server, make, STRANGER).codePipeline;

  async function registered(allowedAccounts: string[]): Promise<ActionTypeId> {
    const id = { category: "Build", owner: "ThirdParty", provider: bench.newProvider(), version: "1" } as const;
    const counts = { minimumCount: 0, maximumCount: 1 };
    const executor: ActionTypeDeclaration["executor"] = {
      type: "JobWorker",
      configuration: { jobWorkerExecutorConfiguration: { pollingAccounts: [PARTNER] } },
    };
    await partner.updateActionType({
      actionType: {
        ...{ id, executor, permissions: { allowedAccounts } },
        ...{ inputArtifactDetails: counts, outputArtifactDetails: counts },
      },
    });
    return id;
  }

  test("a customer that the type names uses it, and the partner's worker works on its job", async () => {
    const actionTypeId = await registered([bench.server.account]);
    const started = await bench.start(actionTypeId);
    await bench.hasJob(started);
    const { jobs = [] } = await partner.pollForThirdPartyJobs({ actionTypeId });
    const [{ jobId = "" } = {}] = jobs;
    const { clientToken } = await bench.clientOf(actionTypeId);
    const { jobDetails } = await partner.getThirdPartyJobDetails({ jobId, clientToken });
    expect(jobDetails?.data?.pipelineContext?.pipelineName).toBe(started.name);
    const { nonce } = jobDetails ?? {};
    expect((await partner.acknowledgeThirdPartyJob({ jobId, clientToken, nonce })).status).toBe("InProgress");
    await partner.putThirdPartyJobSuccessResult({ jobId, clientToken, executionDetails: { summary: "built" } });
    expect(await bench.ended(started)).toBe("Succeeded");
  });

  test("a customer that the type does not name cannot use it; the customer's own workers cannot poll for it", async () => {
    const closed = await registered([STRANGER]);
    await expect(bench.start(closed)).rejects.toMatchObject({ name: "InvalidActionDeclarationException" });
    const open = await registered(["*"]);
    await bench.hasJob(await bench.start(open));
    await expect(bench.clients[0].codePipeline.pollForThirdPartyJobs({ actionTypeId: open })).rejects.toMatchObject({
      name: "ActionTypeNotFoundException",
    });
  });

  test("a type is listed for whom it may be used by, and for nobody else", async () => {
    const id = await registered([bench.server.account]);
    const idsOf = async (codePipeline: typeof partner) => {
      const { actionTypes = [] } = await codePipeline.listActionTypes({ actionOwnerFilter: "ThirdParty" });
      return actionTypes.map((type) => type.id);
    };
    expect(await idsOf(bench.clients[0].codePipeline)).toContainEqual(id);
    expect(await idsOf(stranger)).not.toContainEqual(id);
  });

  test("a custom action's job does not exist for another account", async () => {
    const actionTypeId = await bench.customType();
    await bench.start(actionTypeId);
    const { id: jobId = "", nonce } = await bench.poll(bench.clients[0], { actionTypeId });
    const nobody = { name: "JobNotFoundException", message: `Job with id '${jobId}' does not exist` };
    await expect(stranger.pollForJobs({ actionTypeId })).rejects.toMatchObject({ name: "ActionTypeNotFoundException" });
    await expect(stranger.acknowledgeJob({ jobId, nonce })).rejects.toMatchObject(nobody);
    await expect(stranger.getJobDetails({ jobId })).rejects.toMatchObject(nobody);
    await expect(stranger.putJobFailureResult({ jobId, failureDetails: NO })).rejects.toMatchObject(nobody);
  });
});
