import { bringNpmFolder } from "./npm-folder.mjs";

/**
 * Brings jest into `.tools/jest`, for the test that runs the library's test kit under it. It is no package of the
 * workspace: it has 250 of its own, and some under licences that the workspace does without.
 */
export function bringJest(surroundings) {
  const error = bringNpmFolder(surroundings, "jest", { jest: "30.5.2" });
  if (error === undefined) return;
  surroundings.say(`jest could not be brought, and the test that runs under it will be skipped:\n${error}`);
}
