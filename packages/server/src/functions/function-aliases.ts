import {
  deleteFunctionAlias,
  type FunctionAliasTable,
  findFunctionAlias,
  insertFunctionAlias,
  listAliasesOfVersion,
  listFunctionAliases,
  setFunctionAlias,
} from "../store/function-alias.ts";
import { deleteFunctionInvokeConfig } from "../store/function-invoke-config.ts";
import { deleteFunctionPolicy } from "../store/function-policy.ts";
import type { Store, Tx } from "../store/store.ts";
import {
  type FunctionTarget,
  LATEST,
  type Located,
  latestOf,
  locate,
  ownerKeyOf,
  qualifiedKeyOf,
  toQualifier,
  toVersionNumber,
  versionOf,
} from "./locate.ts";
import { conflict, functionNotFound, invalidParameter, notFound, revisionMismatch } from "./registry-errors.ts";

/** A name for a version of a function, or for two with their shares of the calls. */
export interface FunctionAlias {
  readonly arn: string;
  readonly name: string;
  readonly version: string;
  /** The second version and its share of the calls, 0 to 1. */
  readonly other?: { readonly version: string; readonly weight: number };
  readonly description: string;
  readonly revisionId: string;
}

/** What is given of an alias; what is left out stays as it is. */
export interface AliasSettings {
  readonly version?: string;
  /** Weights of further versions, by number; empty for none. */
  readonly weights?: Readonly<Record<string, number>>;
  readonly description?: string;
}

export interface AliasPage {
  readonly aliases: readonly FunctionAlias[];
  /** Where the next page starts; absent on the last one. */
  readonly next?: string;
}

/**
 * Aliases of functions.
 *
 * Errors: Lambda's `ResourceNotFoundException`, `ResourceConflictException`, `InvalidParameterValueException`,
 * `PreconditionFailedException`.
 */
export interface FunctionAliases {
  create(target: FunctionTarget, name: string, settings: AliasSettings): Promise<FunctionAlias>;
  get(target: FunctionTarget, name: string): Promise<FunctionAlias>;
  update(target: FunctionTarget, name: string, settings: AliasSettings): Promise<FunctionAlias>;
  /** One that is not there is no error: then it is gone already. */
  delete(target: FunctionTarget, name: string): Promise<void>;
  /** By name; `version` keeps those alone that name it. */
  list(
    target: FunctionTarget,
    page: { readonly after?: string; readonly limit: number; readonly version?: string },
  ): Promise<AliasPage>;
}

export function createFunctionAliases({ store }: { readonly store: Store }): FunctionAliases {
  return {
    create: (target, name, settings) => createAlias(store, locate(target), name, settings),
    update: (target, name, settings) => updateAlias(store, locate(target), name, settings, target.revisionId),
    async get(target, name) {
      const located = locate(target);
      await latestOf(store.read, located);
      return toAlias(await aliasOf(store.read, located, name), located);
    },
    delete: (target, name) => deleteAlias(store, locate(target), name),
    list: (target, page) => listAliases(store, locate(target), page),
  };
}

/** The version that an alias sends a call to. `draw` is from 0 to 1; 1 always answers the first. */
export function chooseVersion(alias: FunctionAliasTable, draw: number): number {
  const { version, other_version, other_weight } = alias;
  return other_version !== null && other_weight !== null && draw < other_weight ? other_version : version;
}

async function createAlias(store: Store, located: Located, name: string, settings: AliasSettings) {
  return store.transact(async (tx) => {
    await latestOf(tx, located);
    if (await find(tx, located, name)) throw conflict(`Alias already exists: ${located.arn}:${name}`);
    const fresh = { version: LATEST, other_version: null, other_weight: null, description: "" };
    const row = await changed(tx, located, { ...keyOf(located, name), ...fresh, revision_id: "" }, settings);
    await tx.run(insertFunctionAlias, row);
    return toAlias(row, located);
  });
}

async function updateAlias(
  store: Store,
  located: Located,
  name: string,
  settings: AliasSettings,
  revisionId: string | undefined,
) {
  return store.transact(async (tx) => {
    await latestOf(tx, located);
    const before = await aliasOf(tx, located, name);
    if (revisionId !== undefined && revisionId !== before.revision_id) throw revisionMismatch();
    const row = await changed(tx, located, before, settings);
    await tx.run(setFunctionAlias, row);
    return toAlias(row, located);
  });
}

async function deleteAlias(store: Store, located: Located, name: string): Promise<void> {
  await store.transact(async (tx) => {
    await latestOf(tx, located);
    await tx.run(deleteFunctionAlias, keyOf(located, name));
    const own = qualifiedKeyOf(located, name);
    await tx.run(deleteFunctionPolicy, own);
    await tx.run(deleteFunctionInvokeConfig, own);
  });
}

async function listAliases(
  store: Store,
  located: Located,
  { after = "", limit, version }: { readonly after?: string; readonly limit: number; readonly version?: string },
): Promise<AliasPage> {
  await latestOf(store.read, located);
  const asked = { ...ownerKeyOf(located), after, limit: limit + 1 };
  const rows =
    version === undefined
      ? await store.read.all(listFunctionAliases, asked)
      : await store.read.all(listAliasesOfVersion, { ...asked, version: toVersionNumber(version) ?? -1 });
  const aliases = rows.slice(0, limit).map((row) => toAlias(row, located));
  const last = aliases.at(-1);
  return rows.length > limit && last ? { aliases, next: last.name } : { aliases };
}

/** The row with what is given in it, checked. */
async function changed(
  tx: Tx,
  located: Located,
  before: FunctionAliasTable,
  { version, weights, description }: AliasSettings,
): Promise<FunctionAliasTable> {
  const row = {
    ...before,
    ...(version !== undefined && { version: await existing(tx, located, version) }),
    ...(weights && (await weightColumns(tx, located, weights))),
    ...(description !== undefined && { description }),
    revision_id: crypto.randomUUID(),
  };
  if (row.other_version !== null) checkDivision(row);
  return row;
}

/** Texts are the service's. */
async function weightColumns(tx: Tx, located: Located, weights: Readonly<Record<string, number>>) {
  const [first, ...others] = Object.entries(weights);
  if (others.length > 0) throw invalidParameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
  if (!first) return { other_version: null, other_weight: null };
  const [version, weight] = first;
  return { other_version: await existing(tx, located, version), other_weight: weight };
}

function checkDivision({ version, other_version }: FunctionAliasTable): void {
  if (version === LATEST)
    throw invalidParameter("$LATEST is not supported for an alias pointing to more than 1 version");
  if (version !== other_version) return;
  throw invalidParameter(
    `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
  );
}

async function existing(tx: Tx, located: Located, qualifier: string): Promise<number> {
  const version = toVersionNumber(qualifier);
  if (version === undefined) throw functionNotFound(`${located.arn}:${qualifier}`);
  await versionOf(tx, located, version);
  return version;
}

async function aliasOf(reader: Pick<Tx, "first">, located: Located, name: string): Promise<FunctionAliasTable> {
  const row = await find(reader, located, name);
  if (!row) throw notFound(`Cannot find alias arn: ${located.arn}:${name}`);
  return row;
}

const find = (reader: Pick<Tx, "first">, located: Located, name: string) =>
  reader.first(findFunctionAlias, keyOf(located, name));

const keyOf = (located: Located, name: string) => ({ ...ownerKeyOf(located), name });

function toAlias(row: FunctionAliasTable, { arn }: Located): FunctionAlias {
  const { name, version, other_version, other_weight, description, revision_id } = row;
  const other =
    other_version === null || other_weight === null
      ? {}
      : { other: { version: toQualifier(other_version), weight: other_weight } };
  return { arn: `${arn}:${name}`, name, version: toQualifier(version), ...other, description, revisionId: revision_id };
}
