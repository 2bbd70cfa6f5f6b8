export type { InputArtifact } from "./artifacts/input-artifact.ts";
export type { ByteStream, OutputArtifact } from "./artifacts/output-artifact.ts";
export { defineJob, type JobDefinition, type JobHandler, type LambdaContext } from "./define-job.ts";
export type {
  ArtifactCredentials,
  CodePipelineJob,
  CodePipelineJobData,
  CodePipelineJobEvent,
  JobArtifact,
} from "./event.ts";
export {
  ConfigurationError,
  type FailureType,
  JobFailed,
  JobFailure,
  PermissionError,
  RevisionOutOfSync,
  RevisionUnavailable,
  SystemUnavailable,
} from "./failure.ts";
export { failureTypeOf } from "./failure-of.ts";
export type { Job, Outcome, Success } from "./job.ts";
export { InvalidJobEvent, readJobEvent, withoutCredentials } from "./job-event.ts";
export { jobEventSchema } from "./job-event-schema.ts";
export { ReportNotSent } from "./report.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.ts";
export type { JobReport, JobRevision } from "./surroundings.ts";
export { InvalidZip, type InvalidZipReason } from "./zip/invalid-zip.ts";
export type { ArtifactLimits } from "./zip/read-directory.ts";
