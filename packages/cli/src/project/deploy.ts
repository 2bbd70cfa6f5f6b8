/**
 * Bringing a project onto a server. Everything that can be refused is looked at before the first write:
 * `checkSupplies` before there is a server, the rest against what the server has.
 */
import type { Server, ServerPackage } from "../server-port.ts";
import { deployActionTypes } from "./action-types.ts";
import {
  checkFunctions,
  checkFunctionsAreThere,
  checkFunctionZips,
  deployFolders,
  deployZips,
} from "./deploy-functions.ts";
import { deployKeys } from "./deploy-keys.ts";
import { deployRoles } from "./deploy-roles.ts";
import { checkSourcesAreThere, checkSourceZips, deployBuckets, givenSources, putSources } from "./deploy-sources.ts";
import type { Project } from "./project.ts";

/** Refuses what is wrong with the code and the inputs of a project by themselves. Throws a `Failure` (exit status 2). */
export function checkSupplies(project: Project): void {
  checkFunctions(project);
  givenSources(project);
}

/**
 * Makes or updates everything that the project declares, and starts nothing. Doing it twice changes nothing.
 *
 * `note` is told what was made up. Throws a `Failure`, or the service's `ServiceError` for a declaration that it refuses.
 */
export async function deployProject(
  server: Server,
  archive: ServerPackage,
  project: Project,
  note: (message: string) => void,
): Promise<void> {
  const sources = givenSources(project);
  await checkSourceZips(archive, sources);
  await checkFunctionZips(archive, project);
  await checkFunctionsAreThere(server, project);
  // Folders first: while the rest is made ready, their processes start.
  await Promise.all([deployFolders(server, project), deployGround(server, project, note)]);
  await server.deployPipeline(project.pipeline);
  // After the pipeline, which a new source may start.
  await putSources(server, archive, sources);
  await checkSourcesAreThere(server, project);
}

async function deployGround(server: Server, project: Project, note: (message: string) => void): Promise<void> {
  // What does not need each other is asked for together, and then shares its commits.
  await Promise.all([
    deployRoles(server, project, note).then(() => deployZips(server, project)),
    deployBuckets(server, project),
    deployKeys(server, project),
    deployActionTypes(server, project),
  ]);
}
