import { setFunctionRevision } from "../store/function.ts";
import { setFunctionAlias } from "../store/function-alias.ts";
import { deleteFunctionPolicy, findFunctionPolicy, putFunctionPolicy } from "../store/function-policy.ts";
import type { Reader, Store, Tx } from "../store/store.ts";
import { parseFunctionReference } from "./function-name.ts";
import { type FunctionTarget, type Located, locate, qualifiedKeyOf, qualifiedOf } from "./locate.ts";
import { conflict, invalidParameter, notFound, policyTooLong, revisionMismatch } from "./registry-errors.ts";

/** One statement of a function's policy, in IAM's spelling. */
export interface PermissionStatement {
  readonly Sid: string;
  readonly [element: string]: unknown;
}

/** A policy as JSON, with the revision of the function, version or alias that it belongs to. */
export interface FunctionPolicy {
  readonly document: string;
  readonly revisionId: string;
}

/**
 * The policies of functions, of their versions and aliases: each has its own, and its revision changes with it.
 *
 * Errors: Lambda's `ResourceNotFoundException`, `ResourceConflictException`, `InvalidParameterValueException`,
 * `PreconditionFailedException`.
 */
export interface FunctionPolicies {
  /** `statement` is made for the resource's ARN, and may throw. Answers it. */
  add(
    target: FunctionTarget,
    qualifier: string | undefined,
    statement: (resourceArn: string) => PermissionStatement,
  ): Promise<PermissionStatement>;
  remove(target: FunctionTarget, qualifier: string | undefined, sid: string): Promise<void>;
  get(target: FunctionTarget, qualifier: string | undefined): Promise<FunctionPolicy>;
  /** The policy of what an ARN names, as JSON. Undefined when there is none, or when the ARN is not a function's here. */
  documentOf(arn: string): Promise<string | undefined>;
}

/** Source: Lambda developer guide, "Lambda quotas". Unit: bytes. */
const POLICY_BYTES_MAX = 20 * 1024;

export function createFunctionPolicies({ store }: { readonly store: Store }): FunctionPolicies {
  return {
    add: (target, qualifier, statement) =>
      store.transact((tx) => add(tx, locate(target), qualifier, statement, target.revisionId)),
    remove: (target, qualifier, sid) =>
      store.transact((tx) => remove(tx, locate(target), qualifier, sid, target.revisionId)),
    get: (target, qualifier) => get(store.read, locate(target), qualifier),
    async documentOf(arn) {
      const parsed = parseFunctionReference(arn);
      if (parsed?.region === undefined || parsed.account === undefined) return undefined;
      const { account, region, name, qualifier } = parsed;
      return (await store.read.first(findFunctionPolicy, qualifiedKeyOf({ account, region, name }, qualifier)))
        ?.document;
    },
  };
}

async function add(
  tx: Tx,
  located: Located,
  qualifier: string | undefined,
  make: (resourceArn: string) => PermissionStatement,
  revisionId: string | undefined,
): Promise<PermissionStatement> {
  if (qualifier === "$LATEST") throw invalidParameter("We currently do not support adding policies for $LATEST.");
  await checkRevision(tx, located, qualifier, revisionId);
  const made = make(qualifier === undefined ? located.arn : `${located.arn}:${qualifier}`);
  const before = await statementsOf(tx, located, qualifier);
  if (before.some(({ Sid }) => Sid === made.Sid)) {
    throw conflict(
      `The statement id (${made.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  }
  await write(tx, located, qualifier, [...before, made]);
  return made;
}

async function remove(
  tx: Tx,
  located: Located,
  qualifier: string | undefined,
  sid: string,
  revisionId: string | undefined,
): Promise<void> {
  await checkRevision(tx, located, qualifier, revisionId);
  const before = await statementsOf(tx, located, qualifier);
  if (before.length === 0) throw notFound("No policy is associated with the given resource.");
  const left = before.filter(({ Sid }) => Sid !== sid);
  if (left.length === before.length) throw notFound(`Statement ${sid} is not found in resource policy.`);
  await write(tx, located, qualifier, left);
}

async function get(reader: Reader, located: Located, qualifier: string | undefined): Promise<FunctionPolicy> {
  const { row } = await qualifiedOf(reader, located, qualifier);
  const policy = await reader.first(findFunctionPolicy, qualifiedKeyOf(located, qualifier));
  if (!policy) throw notFound("The resource you requested does not exist.");
  return { document: policy.document, revisionId: row.revision_id };
}

async function checkRevision(tx: Tx, located: Located, qualifier: string | undefined, revisionId: string | undefined) {
  const { row } = await qualifiedOf(tx, located, qualifier);
  if (revisionId !== undefined && revisionId !== row.revision_id) throw revisionMismatch();
}

async function statementsOf(
  tx: Tx,
  located: Located,
  qualifier: string | undefined,
): Promise<readonly PermissionStatement[]> {
  const row = await tx.first(findFunctionPolicy, qualifiedKeyOf(located, qualifier));
  // Only `write` makes the column.
  return row ? (JSON.parse(row.document) as { Statement: PermissionStatement[] }).Statement : [];
}

/** The policy changes, and with it the revision of what it belongs to; no process of the function minds. */
async function write(
  tx: Tx,
  located: Located,
  qualifier: string | undefined,
  statements: readonly PermissionStatement[],
): Promise<void> {
  const key = qualifiedKeyOf(located, qualifier);
  const document = JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: statements });
  if (Buffer.byteLength(document) > POLICY_BYTES_MAX) {
    throw policyTooLong(Buffer.byteLength(document), POLICY_BYTES_MAX);
  }
  if (statements.length === 0) await tx.run(deleteFunctionPolicy, key);
  else await tx.run(putFunctionPolicy, { ...key, document });
  const revision_id = crypto.randomUUID();
  const found = await qualifiedOf(tx, located, qualifier);
  if (found.type === "alias") await tx.run(setFunctionAlias, { ...found.row, revision_id });
  else await tx.run(setFunctionRevision, { ...found.row, revision_id });
}
