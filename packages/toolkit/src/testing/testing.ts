export { type JobEventOptions, jobEvent } from "./job-event.ts";
export type { FailingCall } from "./memory.ts";
export { type JobRun, type RunJobOptions, runJob } from "./run-job.ts";
