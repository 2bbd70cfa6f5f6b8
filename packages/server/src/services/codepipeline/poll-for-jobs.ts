import type { RegisteredActionType } from "@penstock/pipeline";
import { readAction } from "../../engine/jobs.ts";
import { actionTypeName, findRegisteredType } from "../../engine/registered-types.ts";
import { anyWaiting, handOutJobs, type Poll } from "../../engine/worker-jobs.ts";
import { ServiceError } from "../../wire/error.ts";
import { onActionType } from "./action-type.ts";
import { served } from "./context.ts";
import { actionTypeNotFound, ownerNotSupported } from "./errors.ts";
import { jobData } from "./job-data.ts";
import type { Job, PollForJobsInput } from "./shapes.generated.ts";

/**
 * Hands out jobs of a custom action type, the oldest first, each with a nonce to acknowledge it with. One that is not
 * acknowledged is handed out again.
 *
 * Errors: `ActionTypeNotFoundException`; `ValidationException` for another owner than Custom, and for a query that does
 * not fit the type. Source: reference §3. Without a batch size it is one job, which is our choice: a worker that does
 * not ask for more may look at the first alone.
 */
export const pollForJobs = served({
  name: "PollForJobs",
  access: ({ actionTypeId }, _, call) => onActionType("PollForJobs", actionTypeId, call),
  async run({ actionTypeId, maxBatchSize = 1, queryParam = {} }, context, { principal, region }) {
    const { store, engine, declarations, clock } = context;
    if (actionTypeId.owner !== "Custom") throw ownerNotSupported(actionTypeId.owner);
    const place = { account: principal.account, region };
    const type = await findRegisteredType(store.read, place, actionTypeId);
    if (!type) throw actionTypeNotFound(actionTypeId);
    const poll: Poll = {
      ...place,
      actionType: actionTypeName(actionTypeId),
      ...queryOf(type, queryParam),
      count: maxBatchSize,
      worker: principal.arn,
    };
    const now = clock.now();
    if (!(await anyWaiting(store.read, poll, now))) return { jobs: [] };
    const handedOut = await engine.commit("handOutJobs", (tx) => handOutJobs(tx, poll, now));
    const jobs: Job[] = [];
    for (const { job, row, nonce } of handedOut) {
      const action = await readAction(store.read, row, declarations);
      jobs.push({ id: job.id, data: jobData(job, action, context), nonce, accountId: job.account });
    }
    return { jobs };
  },
});

/** Source: API reference, PollForJobs, for the rules; our choice of words. */
function queryOf(
  { work: { queryable } }: RegisteredActionType,
  queryParam: NonNullable<PollForJobsInput["queryParam"]>,
): Pick<Poll, "queryValue"> {
  const asked = Object.keys(queryParam);
  if (queryable === undefined) {
    if (asked.length === 0) return {};
    throw invalid(
      `The action type has no queryable property, so queryParam must be empty. It has: ${asked.join(", ")}`,
    );
  }
  const queryValue = queryParam[queryable];
  if (queryValue !== undefined) return { queryValue };
  throw invalid(`The action type has the queryable property '${queryable}', so queryParam must have a value for it`);
}

const invalid = (message: string) => new ServiceError("ValidationException", message);
