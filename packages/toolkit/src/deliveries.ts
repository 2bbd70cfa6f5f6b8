/*
 * Lambda delivers an event at least once: again after an error or a timeout, and sometimes for no reason. An
 * environment that has had a job before does not run it again. When the report was taken, it is only answered; when it
 * could not be sent, exactly the same is sent again, which the service takes even if the first one did arrive.
 * In another environment the job runs anew; the service then refuses a different second result (report.ts).
 */

import type { JobReport } from "./surroundings.ts";

/** A job whose report stands. */
export interface DecidedJob {
  /** Sends the report. */
  send(): Promise<JobReport>;
}

export interface Deliveries {
  /** Decides and reports a job, unless that was done before; answers the report. Errors: those of `send`. */
  answer(jobId: string, decide: () => Promise<DecidedJob>): Promise<JobReport>;
}

/** Jobs that an environment remembers; Lambda tries again within minutes, and gives it one job at a time. */
const REMEMBERED_MAX = 50;

interface Known {
  /** Only until the report was taken, so that what the run held can go. */
  decided: Promise<DecidedJob> | undefined;
  sent: Promise<JobReport> | undefined;
}

/** Remembers the jobs of one environment. */
export function deliveries(): Deliveries {
  const known = new Map<string, Known>();
  const remember = (jobId: string, decided: Promise<DecidedJob>): Known => {
    const [oldest = ""] = known.keys();
    if (known.size >= REMEMBERED_MAX) known.delete(oldest);
    const job: Known = { decided, sent: undefined };
    known.set(jobId, job);
    return job;
  };
  const send = async (job: Known): Promise<JobReport> => {
    try {
      const decided = (await job.decided) as DecidedJob; // else `sent` is set
      const taken = await decided.send();
      job.decided = undefined;
      return taken;
    } catch (error) {
      job.sent = undefined;
      throw error;
    }
  };
  return {
    async answer(jobId, decide) {
      const job = known.get(jobId) ?? remember(jobId, decide());
      job.sent ??= send(job);
      return await job.sent;
    },
  };
}
