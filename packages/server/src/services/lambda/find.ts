import { functionArn, parseFunctionReference } from "../../functions/function-name.ts";
import type { FunctionTarget } from "../../functions/locate.ts";
import type { FunctionRegistry, RoutedFunction, StoredFunction } from "../../functions/registry.ts";
import { functionNotFound, invalidParameter, notForVersions } from "../../functions/registry-errors.ts";
import { accountOfArn } from "../../identity/arn.ts";
import { type Access, type Call, homeOf } from "../../wire/operation.ts";
import { notReachable, onlyLatest } from "./errors.ts";
import type { FunctionCode } from "./shapes.generated.ts";

/** The right to an operation on one function, or on the version that is named. */
export function onFunction(action: string, reference: string, call: Call, qualifier?: string): readonly Access[] {
  return [{ action: `lambda:${action}`, resource: askedArn(reference, call, qualifier) }];
}

/** The right to give a role to Lambda. */
export function passRole(roleArn: string): Access {
  return { action: "iam:PassRole", resource: roleArn, context: { "iam:PassedToService": "lambda.amazonaws.com" } };
}

/**
 * The right to the object that holds the code: Lambda fetches it with the caller's rights, not with its own.
 * Source: Lambda developer guide, "Deploying .zip file archives".
 */
export function readCode({ S3Bucket, S3Key, S3ObjectVersion }: CodePlace): readonly Access[] {
  if (S3Bucket === undefined || S3Key === undefined) return [];
  const action = S3ObjectVersion === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
  return [{ action, resource: `arn:aws:s3:::${S3Bucket}/${S3Key}` }];
}

/** The right to the layers that a function is to use. Those of other accounts are not here, and are refused as such. */
export function useLayers({ principal }: Call, layerVersionArns: readonly string[] = []): readonly Access[] {
  const own = layerVersionArns.filter((arn) => accountOfArn(arn) === principal.account);
  return own.map((arn) => ({ action: "lambda:GetLayerVersion", resource: arn }));
}

type CodePlace = Pick<FunctionCode, "S3Bucket" | "S3Key" | "S3ObjectVersion">;

/** The ARN of what the caller asked for, there or not. */
function askedArn(reference: string, { region, principal }: Call, qualifier?: string): string {
  const parsed = parseFunctionReference(reference);
  const account = parsed?.account ?? principal.account;
  return functionArn(parsed?.region ?? region, account, parsed?.name ?? reference, qualifier ?? parsed?.qualifier);
}

/**
 * The function or version that a caller means.
 *
 * Errors: `ResourceNotFoundException`; `InvalidParameterValueException` when name and qualifier disagree.
 */
export async function requireFunction(
  registry: FunctionRegistry,
  call: Call,
  reference: string,
  qualifier?: string,
): Promise<StoredFunction> {
  requireQualifier(reference, call, qualifier);
  const found = await registry.find(homeOf(call), reference, qualifier);
  if (!found) throw functionNotFound(askedArn(reference, call, qualifier));
  return found;
}

/** The same for one call: an alias with weights leads now to this version, now to that. Errors: as `requireFunction`. */
export async function requireRouted(
  registry: FunctionRegistry,
  call: Call,
  reference: string,
  qualifier?: string,
): Promise<RoutedFunction> {
  requireQualifier(reference, call, qualifier);
  const found = await registry.route(homeOf(call), reference, qualifier);
  if (!found) throw functionNotFound(askedArn(reference, call, qualifier));
  return found;
}

/**
 * Names the function whose `$LATEST` is to be changed or published.
 *
 * Errors: `InvalidParameterValueException` for a version or an alias; `ResourceNotFoundException` for another region.
 */
export function latestTarget(reference: string, call: Call, revisionId?: string): FunctionTarget {
  const qualifier = requireQualifier(reference, call);
  if (qualifier !== undefined && qualifier !== "$LATEST") throw onlyLatest();
  return targetOf(reference, call, revisionId);
}

/** Names a whole function. Errors: `InvalidParameterValueException` for one of its versions or aliases; as above. */
export function wholeTarget(reference: string, call: Call, revisionId?: string): FunctionTarget {
  if (requireQualifier(reference, call) !== undefined) throw notForVersions();
  return targetOf(reference, call, revisionId);
}

/** Names a function, whatever the qualifier behind it. */
export function targetOf(reference: string, call: Call, revisionId?: string): FunctionTarget {
  return { ...homeOf(call), reference, ...(revisionId !== undefined && { revisionId }) };
}

/** The one qualifier that name and parameter agree on, if any. Errors: as `requireFunction`. */
export function requireQualifier(reference: string, { region }: Call, qualifier?: string): string | undefined {
  const parsed = parseFunctionReference(reference);
  if (parsed?.region !== undefined && parsed.region !== region) throw notReachable(parsed.region, region);
  if (qualifier !== undefined && parsed?.qualifier !== undefined && qualifier !== parsed.qualifier) {
    throw invalidParameter("The derived qualifier from the function name does not match the specified qualifier.");
  }
  return qualifier ?? parsed?.qualifier;
}
