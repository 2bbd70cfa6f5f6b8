export type {
  ArtifactCredentials,
  CodePipelineJob,
  CodePipelineJobData,
  CodePipelineJobEvent,
  JobArtifact,
} from "./event.ts";
