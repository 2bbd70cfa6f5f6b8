export { extractZip } from "./archive/extract-zip.ts";
export { listZip } from "./archive/list-zip.ts";
export { zipFolder } from "./archive/zip-folder.ts";
export { type RestingFolder, withRestingFolder } from "./build-capture.ts";
export type { CaptureOptions } from "./capture/capture-job.ts";
export {
  CAPTURE_VERSION,
  type CapturedArtifact,
  type CapturedEvent,
  type CapturedFunction,
  EMBEDDED_BYTES_MAX,
  type EventArtifact,
  type JobCapture,
} from "./capture/job-capture.ts";
export { startServer } from "./main.ts";
export type { Objects } from "./objects/objects.ts";
export type { DeployFunction, Server, ServerOptions, ServiceName } from "./server.ts";
export { StartError } from "./server.ts";
export type { ArtifactPlace, StoryEntry } from "./story.ts";
export type { Cause, Diagnosis, Evidence, Finding, MissingStatement } from "./why/diagnosis.ts";
export { ServiceError } from "./wire/error.ts";
