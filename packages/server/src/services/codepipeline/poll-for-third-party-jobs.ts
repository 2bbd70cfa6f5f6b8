import { actionTypeName, clientIdOf, findPollable } from "../../engine/registered-types.ts";
import { anyWaiting, handOutJobs, type Poll } from "../../engine/worker-jobs.ts";
import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { actionTypeNotFound, ownerNotSupported } from "./errors.ts";

/**
 * Hands out jobs of a partner's action type: their ids, and the id of the client whose token every word on them needs.
 * The nonce comes with the job's details.
 *
 * A client is who uses the type: here all who do are one, so that all jobs of a type have the same (`Source: our choice`).
 * Errors: `ActionTypeNotFoundException`, also for an account that the type does not let poll; `ValidationException` for
 * another owner. Source: reference §3, and as for PollForJobs.
 */
export const pollForThirdPartyJobs = served({
  name: "PollForThirdPartyJobs",
  access: () => onAnything("PollForThirdPartyJobs"),
  async run({ actionTypeId, maxBatchSize = 1 }, { store, engine, clock }, { principal, region }) {
    if (actionTypeId.owner !== "ThirdParty") throw ownerNotSupported(actionTypeId.owner);
    const row = await findPollable(store.read, { account: principal.account, region }, actionTypeId);
    if (!row) throw actionTypeNotFound(actionTypeId);
    const { account } = row;
    const actionType = actionTypeName(actionTypeId);
    const poll: Poll = { account, region, actionType, count: maxBatchSize, worker: principal.arn };
    const now = clock.now();
    if (!(await anyWaiting(store.read, poll, now))) return { jobs: [] };
    const handedOut = await engine.commit("handOutJobs", (tx) => handOutJobs(tx, poll, now));
    return { jobs: handedOut.map(({ job }) => ({ jobId: job.id, clientId: clientIdOf(row) })) };
  },
});
