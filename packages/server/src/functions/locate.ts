import { type FunctionTable, findFunction } from "../store/function.ts";
import { type FunctionAliasTable, findFunctionAlias } from "../store/function-alias.ts";
import type { Reader } from "../store/store.ts";
import type { Home } from "../wire/operation.ts";
import { functionArn, parseFunctionReference } from "./function-name.ts";
import { functionNotFound, notForVersions, revisionMismatch } from "./registry-errors.ts";

/** Which function is meant. */
export interface FunctionTarget extends Home {
  /** Name, partial ARN or full ARN, which may be of another account than the target's. */
  readonly reference: string;
  /** When given, a change is refused unless it is still the latest. */
  readonly revisionId?: string;
}

/** A function as the store knows it. */
export interface Located extends Home {
  readonly name: string;
  /** Without a qualifier. */
  readonly arn: string;
}

/** A function in the tables of what belongs to it. */
export const ownerKeyOf = ({ account, region, name: function_name }: Omit<Located, "arn">) => ({
  account,
  region,
  function_name,
});

/** What belongs to a version or an alias; `$LATEST` stands for the function under its name alone. */
export const qualifiedKeyOf = (located: Omit<Located, "arn">, qualifier = "$LATEST") => ({
  ...ownerKeyOf(located),
  qualifier,
});

/** The number under which `$LATEST` is kept. */
export const LATEST = 0;

/** A version's number as clients see it. */
export const toQualifier = (version: number) => (version === LATEST ? "$LATEST" : String(version));

/** Undefined for what can be no version, such as an alias. */
export function toVersionNumber(qualifier: string | undefined): number | undefined {
  if (qualifier === undefined || qualifier === "$LATEST") return LATEST;
  return /^[1-9]\d{0,9}$/.test(qualifier) ? Number(qualifier) : undefined;
}

/** Errors: `ResourceNotFoundException` when the reference cannot mean a function of this region. */
export function locate({ account: ownAccount, region, reference }: FunctionTarget): Located {
  const parsed = parseFunctionReference(reference);
  if (!parsed) throw functionNotFound(functionArn(region, ownAccount, reference));
  const { name, account = ownAccount } = parsed;
  const arn = functionArn(parsed.region ?? region, account, name);
  if (arn !== functionArn(region, account, name)) throw functionNotFound(arn);
  return { account, region, name, arn };
}

/**
 * The row of `$LATEST`.
 *
 * Errors: `ResourceNotFoundException`, `PreconditionFailedException` for another revision than the one given.
 */
export async function latestOf(reader: Reader, located: Located, revisionId?: string): Promise<FunctionTable> {
  const row = await versionOf(reader, located, LATEST);
  if (revisionId !== undefined && revisionId !== row.revision_id) throw revisionMismatch();
  return row;
}

/** The row of a version. Errors: `ResourceNotFoundException`. */
export async function versionOf(reader: Reader, located: Located, version: number): Promise<FunctionTable> {
  const { arn } = located;
  const row = await reader.first(findFunction, { ...located, version });
  if (!row) throw functionNotFound(version === LATEST ? arn : `${arn}:${version}`);
  return row;
}

/** What a qualifier of a function means: a version, or an alias. Errors: `ResourceNotFoundException`. */
export async function qualifiedOf(
  reader: Reader,
  located: Located,
  qualifier: string | undefined,
): Promise<
  | { readonly type: "version"; readonly row: FunctionTable }
  | { readonly type: "alias"; readonly row: FunctionAliasTable }
> {
  const version = toVersionNumber(qualifier);
  if (version !== undefined) return { type: "version", row: await versionOf(reader, located, version) };
  const { account, region, name: function_name, arn } = located;
  const row = await reader.first(findFunctionAlias, { account, region, function_name, name: qualifier ?? "" });
  if (!row) throw functionNotFound(`${arn}:${qualifier}`);
  return { type: "alias", row };
}

/** Refuses a version or an alias where the whole function is meant. Errors: `InvalidParameterValueException`. */
export function refuseQualifier(reference: string): void {
  if (parseFunctionReference(reference)?.qualifier !== undefined) throw notForVersions();
}
