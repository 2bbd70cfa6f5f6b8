import { bringNpmFolder } from "./npm-folder.mjs";
import { Missing } from "./run.mjs";

/**
 * Brings the AWS CDK into `.tools/cdk`, where the tests of `penstock policy` find it. Nearly 200 MB, so it is no
 * dependency of the workspace.
 */
export function bringCdk(surroundings) {
  const error = bringNpmFolder(surroundings, "cdk", { "aws-cdk-lib": "2.276.0", constructs: "10.8.1" });
  if (error === undefined) return;
  throw new Missing(`the AWS CDK could not be installed:\n${error}\nCheck that this machine reaches its npm registry.`);
}
