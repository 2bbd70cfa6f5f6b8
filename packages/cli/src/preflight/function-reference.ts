import type { Action, Project } from "../project/project.ts";
import { accountOfRole } from "../project/role-policies.ts";

/** The function that an action names. */
export interface FunctionReference {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** With the version or alias, if the action names one. */
  readonly arn: string;
}

const REFERENCE =
  /^(?:arn:aws[\w-]*:lambda:(?<region>[\w-]+):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[\w-]+)(?::(?<qualifier>[\w$-]+))?$/;

/** Undefined where a variable decides it, and for what names no function. Source: Lambda API reference, FunctionName. */
export function functionReference(
  { configuration, region, roleArn }: Action,
  project: Project,
): FunctionReference | undefined {
  const found = REFERENCE.exec(configuration?.["FunctionName"] ?? "")?.groups;
  if (!found?.["name"]) return undefined;
  const { name, qualifier } = found;
  const place = {
    account: found["account"] ?? accountOfRole(roleArn, project),
    region: found["region"] ?? region ?? project.region,
  };
  const arn = `arn:aws:lambda:${place.region}:${place.account}:function:${name}${qualifier ? `:${qualifier}` : ""}`;
  return { name, ...place, arn };
}
