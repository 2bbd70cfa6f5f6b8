/**
 * Functions as the Lambda API knows them: settings and versions in the store, code on disk.
 *
 * A function is `$LATEST`, which changes, and versions, each a copy of what `$LATEST` was when it was published.
 * Code is on disk before the row that names it is committed, so a row never points to nothing.
 */

import {
  type FunctionTable,
  findFunction,
  findNewestVersion,
  insertFunction,
  listFunctions,
  listFunctionVersions,
  listUsedCode,
  setFunction,
  setFunctionTags,
  setReservedConcurrency,
} from "../store/function.ts";
import { findFunctionAlias } from "../store/function-alias.ts";
import { listLayerCode } from "../store/layer.ts";
import type { Store, Tx } from "../store/store.ts";
import { InvariantError } from "../wire/error.ts";
import type { Home } from "../wire/operation.ts";
import { deleteVersions } from "./delete-versions.ts";
import { chooseVersion } from "./function-aliases.ts";
import { type CodeObjects, type CodeSource, type CodeStore, createCodeStore, type TakenCode } from "./function-code.ts";
import { functionArn, parseFunctionReference } from "./function-name.ts";
import { checkSettings, defaultSettings, type FunctionSettings, type LayerUse } from "./function-settings.ts";
import type { FunctionSpec } from "./host.ts";
import { type FunctionTarget, LATEST, latestOf, locate, toQualifier, toVersionNumber } from "./locate.ts";
import { functionExists, functionNotFound } from "./registry-errors.ts";

/** One version of a function. */
export interface StoredFunction extends Home {
  readonly name: string;
  /** `$LATEST`, or a number. */
  readonly version: string;
  /** Without a qualifier for `$LATEST`. */
  readonly arn: string;
  readonly revisionId: string;
  /** Changes with code and settings only. */
  readonly environmentId: string;
  /** Base64. */
  readonly codeSha256: string;
  readonly codeBytes: number;
  /** Absolute. */
  readonly codeDir: string;
  readonly settings: FunctionSettings;
  /** Absolute folders of its layers, in the order in which they are merged. */
  readonly layerDirs: readonly string[];
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  /** Of the whole function, as is the next. */
  readonly tags: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
}

/** A version that a caller's reference leads to. */
export interface RoutedFunction {
  readonly version: StoredFunction;
  /** As it was asked for: with the version or the alias, or without any. */
  readonly invokedArn: string;
  /** A version's number, an alias or `$LATEST`: what the settings of asynchronous calls go by. */
  readonly qualifier: string;
}

/** What must be given to create a function; all other settings have defaults. */
export interface NewFunction extends Home {
  readonly name: string;
  readonly code: CodeSource;
  readonly settings: Pick<FunctionSettings, "runtime" | "handler" | "roleArn"> & Partial<FunctionSettings>;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface FunctionPage {
  readonly functions: readonly StoredFunction[];
  /** Where the next page starts; absent on the last one. */
  readonly next?: string;
}

/**
 * Functions of all accounts and regions. A reference that names no account means one of its caller's.
 *
 * Errors of every change: Lambda's `ResourceNotFoundException`, `ResourceConflictException`,
 * `InvalidParameterValueException`, `PreconditionFailedException`, `RequestEntityTooLargeException`.
 */
export interface FunctionRegistry {
  create(request: NewFunction): Promise<StoredFunction>;
  updateCode(target: FunctionTarget, code: CodeSource, settings?: Partial<FunctionSettings>): Promise<StoredFunction>;
  /** What `updateCode` would answer, with the code unpacked and checked, and nothing changed. */
  tryCode(target: FunctionTarget, code: CodeSource, settings?: Partial<FunctionSettings>): Promise<StoredFunction>;
  updateSettings(target: FunctionTarget, settings: Partial<FunctionSettings>): Promise<StoredFunction>;
  /** Replaces the tags of the whole function by what `edit` makes of them. */
  editTags(target: FunctionTarget, edit: (tags: StoredFunction["tags"]) => StoredFunction["tags"]): Promise<void>;
  /** Reserves concurrency for the whole function, or with `undefined` nothing any more. */
  reserve(target: FunctionTarget, concurrency: number | undefined): Promise<void>;
  /**
   * Deletes one published version, or without a qualifier the whole function with all that belongs to it.
   * Answers the ARNs of the versions that are gone.
   */
  delete(target: FunctionTarget, qualifier?: string): Promise<readonly string[]>;
  /**
   * The version that is meant; of an alias, the one that it names first. Undefined when there is none, also when an
   * ARN names another region.
   */
  find(home: Home, reference: string, qualifier?: string): Promise<StoredFunction | undefined>;
  /** The same for one call: an alias with weights answers now this version, now that. */
  route(home: Home, reference: string, qualifier?: string): Promise<RoutedFunction | undefined>;
  list(home: Home, page: { readonly after?: string; readonly limit: number }): Promise<FunctionPage>;
  /** Keeps what `$LATEST` is now under the next number; the newest version again when nothing has changed since. */
  publish(target: FunctionTarget, description?: string): Promise<StoredFunction>;
  /** `$LATEST` first, then by number. `after` is what the page before answered as `next`. */
  listVersions(
    target: FunctionTarget,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<FunctionPage>;
  /** Removes code from the disk that no function uses. Not while functions run. */
  sweep(): Promise<number>;
}

export interface RegistryParts {
  readonly store: Store;
  /** Where zips are unpacked. */
  readonly dir: string;
  /** Where code comes from that is named by bucket and key. */
  readonly objects: CodeObjects;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** From 0 to below 1: divides the calls of an alias. By chance unless given. */
  readonly random?: () => number;
}

/** Makes the registry; touches neither disk nor store. */
export function createFunctionRegistry(parts: RegistryParts): FunctionRegistry {
  const { store, random = Math.random } = parts;
  const code = createCodeStore(parts.dir, parts.objects);
  const desk: Desk = { ...parts, code, toFunction: (row) => fromRow(row, code.folderOf) };
  return {
    create: (request) => createFunction(desk, request),
    updateCode: (target, source, changed) => updateCode(desk, target, source, changed),
    updateSettings: (target, changed) => change(desk, target, (row) => ({ ...row, ...merged(row, changed) })),
    tryCode: (target, source, changed) => tryCode(desk, target, source, changed),
    editTags: (target, edit) => editTags(desk, target, edit),
    reserve: (target, concurrency) => reserve(desk, target, concurrency),
    delete: (target, qualifier) => deleteVersions(store, locate(target), qualifier),
    find: async (home, reference, qualifier) => (await route(desk, home, reference, qualifier, 1))?.version,
    route: (home, reference, qualifier) => route(desk, home, reference, qualifier, random()),
    publish: (target, description) => publish(desk, target, description),
    listVersions: (target, page) => listVersions(desk, target, page),
    async list({ account, region }, { after = "", limit }) {
      const rows = await store.read.all(listFunctions, { account, region, after, limit: limit + 1 });
      return toPage(desk, rows, limit, (row) => row.name);
    },
    async sweep() {
      const used = await store.read.all(listUsedCode, {});
      const layers = await store.read.all(listLayerCode, {});
      const ofFunctions = used.flatMap((row) => [row, ...readSettings(row).layers.map(toCodeRow)]);
      return code.sweep(new Set([...ofFunctions, ...layers].map((row) => row.code_sha256)));
    },
  };
}

type FunctionKey = Pick<FunctionTable, "account" | "region" | "name">;

/** What all of the registry's methods work with. */
interface Desk extends RegistryParts {
  readonly code: CodeStore;
  toFunction(row: FunctionTable): StoredFunction;
}

const toCodeRow = ({ codeSha256 }: LayerUse) => ({ code_sha256: codeSha256 });

async function createFunction(desk: Desk, request: NewFunction) {
  const { account, region, name, code: source, settings: given, tags = {} } = request;
  const settings = checked({ ...defaultSettings(name), ...given });
  const before = await desk.store.read.first(findFunction, { account, region, name, version: LATEST });
  if (before) throw functionExists(name);
  return desk.code.take(source, async (taken) => {
    const own = { tags: JSON.stringify(tags), reserved_concurrency: null };
    const row = {
      account,
      region,
      name,
      version: LATEST,
      settings,
      ...own,
      ...codeColumns(taken),
      ...newRevision(desk),
    };
    await desk.store.transact((tx) => insertNew(tx, row));
    return desk.toFunction(row);
  });
}

async function updateCode(
  desk: Desk,
  target: FunctionTarget,
  source: CodeSource,
  changed: Partial<FunctionSettings> = {},
) {
  // Looked at before the code is unpacked, for an early answer, and again when the row changes.
  await latestOf(desk.store.read, locate(target), target.revisionId);
  return desk.code.take(source, (taken) =>
    change(desk, target, (row) => ({ ...row, ...codeColumns(taken), ...merged(row, changed) })),
  );
}

async function change(desk: Desk, target: FunctionTarget, edit: (row: FunctionTable) => FunctionTable) {
  const located = locate(target);
  return desk.store.transact(async (tx) => {
    const row = await latestOf(tx, located, target.revisionId);
    const edited = { ...edit(row), ...newRevision(desk) };
    await tx.run(setFunction, edited);
    return desk.toFunction(edited);
  });
}

/** `draw` is from 0 to 1; 1 always takes the version that an alias names first. */
async function route(
  desk: Desk,
  home: Home,
  reference: string,
  given: string | undefined,
  draw: number,
): Promise<RoutedFunction | undefined> {
  const parsed = parseFunctionReference(reference);
  const { region } = home;
  if (!parsed || (parsed.region ?? region) !== region) return undefined;
  const { name, account = home.account } = parsed;
  const qualifier = given ?? parsed.qualifier;
  const key = { account, region, name };
  const version = toVersionNumber(qualifier) ?? (await aliasedVersion(desk, key, qualifier ?? "", draw));
  const row = version === undefined ? undefined : await desk.store.read.first(findFunction, { ...key, version });
  if (!row) return undefined;
  const invokedArn = functionArn(region, account, name, qualifier);
  return { version: desk.toFunction(row), invokedArn, qualifier: qualifier ?? "$LATEST" };
}

async function aliasedVersion(desk: Desk, { name: function_name, ...home }: FunctionKey, name: string, draw: number) {
  const alias = await desk.store.read.first(findFunctionAlias, { ...home, function_name, name });
  return alias && chooseVersion(alias, draw);
}

async function tryCode(
  desk: Desk,
  target: FunctionTarget,
  source: CodeSource,
  changed: Partial<FunctionSettings> = {},
) {
  const row = await latestOf(desk.store.read, locate(target), target.revisionId);
  return desk.code.take(source, async (taken) =>
    desk.toFunction({ ...row, ...codeColumns(taken), ...merged(row, changed) }),
  );
}

async function editTags(
  desk: Desk,
  target: FunctionTarget,
  edit: (tags: StoredFunction["tags"]) => StoredFunction["tags"],
): Promise<void> {
  const located = locate(target);
  await desk.store.transact(async (tx) => {
    const row = await latestOf(tx, located);
    await tx.run(setFunctionTags, { ...located, tags: JSON.stringify(edit(readTags(row))) });
  });
}

async function reserve(desk: Desk, target: FunctionTarget, concurrency: number | undefined): Promise<void> {
  const located = locate(target);
  await desk.store.transact(async (tx) => {
    await latestOf(tx, located);
    await tx.run(setReservedConcurrency, { ...located, reserved_concurrency: concurrency ?? null });
  });
}

async function publish(desk: Desk, target: FunctionTarget, description: string | undefined) {
  const located = locate(target);
  return desk.store.transact(async (tx) => {
    const latest = await latestOf(tx, located, target.revisionId);
    return desk.toFunction(await publishVersion(desk, tx, latest, description));
  });
}

async function listVersions(
  desk: Desk,
  target: FunctionTarget,
  page: { readonly after?: string; readonly limit: number },
) {
  const { arn, ...key } = locate(target);
  const version = page.after === undefined ? -1 : (toVersionNumber(page.after) ?? -1);
  const rows = await desk.store.read.all(listFunctionVersions, { ...key, version, limit: page.limit + 1 });
  if (rows.length === 0 && page.after === undefined) throw functionNotFound(arn);
  return toPage(desk, rows, page.limit, (row) => toQualifier(row.version));
}

/** What the host needs to run a function. */
export function specOf(stored: StoredFunction): FunctionSpec {
  const { settings } = stored;
  return {
    arn: stored.arn,
    name: stored.name,
    region: stored.region,
    account: stored.account,
    version: stored.version,
    runtime: settings.runtime,
    handler: settings.handler,
    codeDir: stored.codeDir,
    environment: settings.environment,
    timeoutSeconds: settings.timeoutSeconds,
    memoryMb: settings.memoryMb,
    roleArn: settings.roleArn,
    ...(stored.layerDirs.length > 0 && { layerDirs: stored.layerDirs }),
    ...(stored.reservedConcurrency !== undefined && { reservedConcurrency: stored.reservedConcurrency }),
    revisionId: stored.environmentId,
  };
}

async function insertNew(tx: Tx, row: FunctionTable): Promise<void> {
  if (await tx.first(findFunction, row)) throw functionExists(row.name);
  await tx.run(insertFunction, row);
}

async function publishVersion(desk: Desk, tx: Tx, latest: FunctionTable, description?: string): Promise<FunctionTable> {
  const newest = await tx.first(findNewestVersion, latest);
  if (!newest) throw new InvariantError(`Function ${latest.name} has no newest version although it was just read.`);
  if (newest.version !== LATEST && isSame(newest, latest)) return newest;
  const described = merged(latest, description === undefined ? {} : { description });
  const published = { ...latest, ...described, ...newRevision(desk), version: newest.version + 1 };
  await tx.run(insertFunction, published);
  return published;
}

/** Whether a version is what `$LATEST` is now, apart from its description. */
function isSame(version: FunctionTable, latest: FunctionTable): boolean {
  const rest = (row: FunctionTable) => JSON.stringify({ ...readSettings(row), description: "" });
  return version.code_sha256 === latest.code_sha256 && rest(version) === rest(latest);
}

function newRevision({ now }: RegistryParts): Pick<FunctionTable, "revision_id" | "environment_id" | "modified_at"> {
  const id = crypto.randomUUID();
  return { revision_id: id, environment_id: id, modified_at: now() };
}

function codeColumns(code: TakenCode): Pick<FunctionTable, "code_sha256" | "code_bytes" | "code_dir"> {
  return { code_sha256: code.sha256, code_bytes: code.sizeBytes, code_dir: code.inPlace };
}

function merged(row: FunctionTable, changed: Partial<FunctionSettings>): Pick<FunctionTable, "settings"> {
  return { settings: checked({ ...readSettings(row), ...changed }) };
}

function checked(settings: FunctionSettings): string {
  checkSettings(settings);
  return JSON.stringify(settings);
}

/** Only this file writes the column, and only after `checkSettings`. */
const readSettings = (row: Pick<FunctionTable, "settings">) => JSON.parse(row.settings) as FunctionSettings;

/** Only this file writes the column. */
const readTags = (row: FunctionTable) => JSON.parse(row.tags) as StoredFunction["tags"];

function fromRow(row: FunctionTable, folderOf: (sha256: string) => string): StoredFunction {
  const version = toQualifier(row.version);
  const settings = readSettings(row);
  return {
    region: row.region,
    account: row.account,
    name: row.name,
    version,
    arn: functionArn(row.region, row.account, row.name, row.version === LATEST ? undefined : version),
    revisionId: row.revision_id,
    environmentId: row.environment_id,
    codeSha256: row.code_sha256,
    codeBytes: row.code_bytes,
    codeDir: row.code_dir ?? folderOf(row.code_sha256),
    settings,
    layerDirs: [...settings.layers.map(({ codeSha256 }) => folderOf(codeSha256)), ...settings.layerFolders],
    modifiedAt: row.modified_at,
    tags: readTags(row),
    ...(row.reserved_concurrency !== null && { reservedConcurrency: row.reserved_concurrency }),
  };
}

function toPage(
  desk: Desk,
  rows: readonly FunctionTable[],
  limit: number,
  keyOf: (row: FunctionTable) => string,
): FunctionPage {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const functions = shown.map(desk.toFunction);
  return rows.length > limit && last ? { functions, next: keyOf(last) } : { functions };
}
