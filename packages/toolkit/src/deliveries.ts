/*
 * Lambda delivers an event at least once: again after an error or a timeout, and sometimes for no reason. An
 * environment that has had a job before does not run it again. When the report was taken, it is only answered; when it
 * could not be sent, exactly the same is sent again, which the service takes even if the first one did arrive.
 * In another environment the job runs anew; the service then refuses a different second result (report.ts).
 */

import { JOBS_REMEMBERED_MAX } from "./limits.ts";
import type { SendReport } from "./run-to-report.ts";
import type { JobReport } from "./surroundings.ts";

/** Decides and reports a job, unless that was done before; answers the report. Errors: those of sending it. */
export type AnswerDelivery = (jobId: string, decide: () => Promise<SendReport>) => Promise<JobReport>;

/** Remembers the jobs of one environment. */
export function deliveries(): AnswerDelivery {
  /** The answer, or what sends it when that has failed; all that a run held can go when its report was taken. */
  const known = new Map<string, Promise<JobReport> | SendReport>();
  const answer = async (jobId: string, decide: () => Promise<SendReport>) => {
    const send = await decide();
    try {
      return await send();
    } catch (error) {
      known.set(jobId, send);
      throw error;
    }
  };
  return (jobId, decide) => {
    const before = known.get(jobId);
    if (before instanceof Promise) return before;
    const [oldest = ""] = known.keys();
    if (known.size >= JOBS_REMEMBERED_MAX) known.delete(oldest);
    const answered = answer(jobId, before ? async () => before : decide);
    known.set(jobId, answered);
    return answered;
  };
}
