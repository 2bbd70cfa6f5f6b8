import { checkDefinitionAll, type PipelineDeclaration } from "@penstock/pipeline";
import { inputWrong } from "../failure.ts";
import { registeredIn } from "./action-types.ts";
import { checkSupplies } from "./deploy.ts";
import type { Project } from "./project.ts";

/** All that can be refused before a server is started. Throws a `Failure` (exit status 2). */
export function checkProject(project: Project): void {
  checkStructure(project);
  checkSupplies(project);
}

/**
 * Holds a declaration against every structural rule of the service, and tells all that is wrong at once, in
 * the service's words.
 */
function checkStructure(project: Project): void {
  const { pipeline, region, origin } = project;
  // The file's schema has held the shape; a value outside of the model's enums breaks a rule below, or on the wire.
  const declaration = pipeline as unknown as PipelineDeclaration;
  const problems = checkDefinitionAll(declaration, { region, ...registeredIn(project) });
  if (problems.length === 0) return;
  const lines = problems.map(({ code, message }) => `${origin}: ${code}: ${message}`);
  throw inputWrong(lines.join("\n"), "Correct the declaration; the texts above are the service's own.");
}
