import { LAMBDA_REPLY_MS_MAX, LAMBDA_TOTAL_MS_MAX } from "@penstock/pipeline";
import type { Tx } from "../../store/store.ts";
import { insertWork } from "../../store/work.ts";
import { uuidOfPath } from "../ids.ts";
import type { InvocationQueue } from "./invocation-queue.ts";
import { invokeWork } from "./invoke-body.ts";
import type { JobProvider, PromisedJob, StartedAction } from "./provider.ts";

/**
 * The Invoke action of AWS Lambda: a job goes on record together with the promise to call the function,
 * asynchronously, with the job's event. What the function returns means nothing; its report does.
 *
 * Source: reference §5.2.
 */
export function createLambdaInvoke(queue: () => InvocationQueue, now: () => number): JobProvider {
  return {
    type: "job",
    async promise(tx: Tx, job: PromisedJob) {
      const work = invokeWork(uuidOfPath(`${job.id}/invocation`), { jobId: job.id, at: now() });
      await tx.run(insertWork, work);
      return () => queue().beginForJob(work, job);
    },
    limitsOf: () => ({ jobMs: LAMBDA_REPLY_MS_MAX, actionMs: LAMBDA_TOTAL_MS_MAX }),
    outputOf,
  };
}

/** Source: reference §5.5, observed: the id is the function's name, the URL its log group in the console. */
function outputOf({ input }: StartedAction) {
  const name = input.resolvedConfiguration["FunctionName"] ?? "";
  return {
    externalExecutionId: name,
    externalExecutionUrl: `https://console.aws.amazon.com/cloudwatch/home?region=${input.region}#logStream:group=%252Faws%252Flambda%252F${name}`,
  };
}

/** Source: reference §5.2, the text of the service. */
export function unreportedError(action: StartedAction): { code: string; message: string } {
  const name = action.input.resolvedConfiguration["FunctionName"] ?? "";
  return {
    code: "JobFailed", // Source: our choice; nobody saw the code of this failure.
    message: `The AWS Lambda function ${name} failed to return a result. Check the function to verify that it has permission to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult.`,
  };
}
