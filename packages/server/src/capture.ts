/** Jobs on paper: what a capture is, and how one is made of a data folder that no server holds. */
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
