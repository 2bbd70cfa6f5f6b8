/*
 * How a report is sent, so that each job gets exactly one:
 *
 * 1. The service takes it: done.
 * 2. The service says that the job has a result already, from an earlier delivery of the event: that one counts, done.
 * 3. A success is refused for good (denied, not valid): nothing is on record, so a failure that says why is sent.
 * 4. Throttled, no connection, no such job, a failure refused: `ReportNotSent` is thrown. Lambda then delivers the
 *    event again, and the same report is sent again; the service takes equal reports twice.
 */

import { failureText, failureTypeOf, textIn } from "./failure-of.ts";
import type { CodePipelineCalls, JobReport } from "./surroundings.ts";

/**
 * The result of a job could not be reported; `cause` is the error of the last call. The handler throws it, and Lambda's
 * retry, by default twice, sends the same report again.
 *
 * @example
 * ```ts
 * await expect(runJob(handler, { faultOf: () => new Error("down") })).rejects.toThrow(ReportNotSent);
 * ```
 */
export class ReportNotSent extends Error {
  /** Always `ReportNotSent`. */
  override readonly name = "ReportNotSent";
}

/**
 * Sends a report; answers the one that counts. `failedBy` makes the report of a failure.
 *
 * Errors: `ReportNotSent`.
 */
export async function sendReport(
  codePipeline: CodePipelineCalls,
  jobId: string,
  report: JobReport,
  failedBy: (error: unknown, prefix: string) => JobReport,
): Promise<JobReport> {
  try {
    await codePipeline.putReport(jobId, report);
    return report;
  } catch (cause) {
    const name = textIn(cause, "name");
    const type = failureTypeOf(cause);
    if (name === "InvalidJobStateException") {
      console.warn(`Job ${jobId} has a result already, probably of an earlier delivery.`);
      return report;
    }
    if (report.status !== "Failed" && name !== "JobNotFoundException" && type !== "SystemUnavailable") {
      const failure = failedBy(cause, "The success of the job could not be reported: ");
      return await sendReport(codePipeline, jobId, failure, failedBy);
    }
    const remedy = type === "PermissionError" ? `. ${REMEDY}` : "";
    const message = `The result of job ${jobId} could not be reported: ${failureText(cause)}${remedy}`;
    throw new ReportNotSent(message, { cause });
  }
}

const REMEDY = "The function's role needs codepipeline:PutJobSuccessResult and codepipeline:PutJobFailureResult.";
