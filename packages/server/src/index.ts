export { extractZip } from "./archive/extract-zip.ts";
export { listZip } from "./archive/list-zip.ts";
export { zipFolder } from "./archive/zip-folder.ts";
export { startServer } from "./main.ts";
export type { Objects } from "./objects/objects.ts";
export type { DeployFunction, Server, ServerOptions, ServiceName } from "./server.ts";
export { StartError } from "./server.ts";
export type { ArtifactPlace, StoryEntry } from "./story.ts";
export { ServiceError } from "./wire/error.ts";
