export type { ActionDiagnosis } from "./diagnosis.ts";
export type {
  ActionResult,
  ActionStatus,
  ArtifactLocation,
  CreatedJob,
  Execution,
  ExecutionStatus,
  SettledExecution,
  WaitOptions,
} from "./execution.ts";
export { type JobEventOptions, jobEvent } from "./job-event.ts";
export type { FailingCall } from "./memory.ts";
export { type JobRun, type RunJobOptions, runJob } from "./run-job.ts";
export {
  type Penstock,
  type PenstockClientConfiguration,
  type PenstockClock,
  type StartPenstockOptions,
  startPenstock,
} from "./start-penstock.ts";
