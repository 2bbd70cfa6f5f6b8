/*
 * How a report is sent, so that each job gets exactly one:
 *
 * 1. The service takes it: done.
 * 2. The service says that the job has a result already, from an earlier delivery of the event: that one counts, done.
 * 3. A success is refused for good (denied, not valid): nothing is on record, so a failure that says why is sent.
 * 4. Throttled, no connection, no such job, a failure refused: `ReportNotSent` is thrown. Lambda then delivers the
 *    event again, and the same report is sent again; the service takes equal reports twice.
 */

import { failureText, failureTypeOf, nameOf } from "./failure-of.ts";
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
 * Sends a report; answers the one that counts.
 *
 * Errors: `ReportNotSent`.
 */
export async function sendReport(
  codePipeline: CodePipelineCalls,
  jobId: string,
  report: JobReport,
  toMessage: (text: string) => string,
): Promise<JobReport> {
  if (report.status === "Failed") return await sendFailure(codePipeline, jobId, report);
  try {
    await codePipeline.putSuccess(jobId, report);
    return report;
  } catch (error) {
    if (hasResult(error)) return tellOfEarlier(jobId, report, error);
    if (nameOf(error) === "JobNotFoundException" || failureTypeOf(error) === "SystemUnavailable") {
      throw notSent(jobId, error);
    }
    const message = toMessage(`The success of the job could not be reported: ${failureText(error)}`);
    return await sendFailure(codePipeline, jobId, { status: "Failed", type: failureTypeOf(error), message });
  }
}

async function sendFailure(
  codePipeline: CodePipelineCalls,
  jobId: string,
  report: Extract<JobReport, { status: "Failed" }>,
): Promise<JobReport> {
  try {
    await codePipeline.putFailure(jobId, report);
    return report;
  } catch (error) {
    if (hasResult(error)) return tellOfEarlier(jobId, report, error);
    throw notSent(jobId, error);
  }
}

function tellOfEarlier(jobId: string, report: JobReport, error: unknown): JobReport {
  const what = `Job ${jobId} has a result already, probably of an earlier delivery of its event, so '${report.status}' was not taken`;
  console.warn(`${what}: ${failureText(error)}`);
  return report;
}

function notSent(jobId: string, cause: unknown): ReportNotSent {
  const remedy =
    failureTypeOf(cause) === "PermissionError"
      ? " The function's role needs codepipeline:PutJobSuccessResult and codepipeline:PutJobFailureResult on all resources."
      : "";
  return new ReportNotSent(`The result of job ${jobId} could not be reported: ${failureText(cause)}.${remedy}`, {
    cause,
  });
}

const hasResult = (error: unknown) => nameOf(error) === "InvalidJobStateException";
