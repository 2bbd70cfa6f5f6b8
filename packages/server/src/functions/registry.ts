/**
 * Functions as the Lambda API knows them: settings and versions in the store, code on disk.
 *
 * A function is `$LATEST`, which changes, and versions, each a copy of what `$LATEST` was when it was published.
 * Code is on disk before the row that names it is committed, so a row never points to nothing.
 */

import {
  deleteFunction,
  deleteFunctionVersion,
  type FunctionTable,
  findFunction,
  findNewestVersion,
  insertFunction,
  listFunctions,
  listFunctionVersions,
  listUsedCode,
  setFunction,
} from "../store/function.ts";
import type { Reader, Store, Tx } from "../store/store.ts";
import { InvariantError } from "../wire/error.ts";
import { type CodeObjects, type CodeSource, type CodeStore, createCodeStore, type TakenCode } from "./function-code.ts";
import { functionArn, parseFunctionReference } from "./function-name.ts";
import { checkSettings, defaultSettings, type FunctionSettings } from "./function-settings.ts";
import type { FunctionSpec } from "./host.ts";
import { functionExists, functionNotFound, revisionMismatch } from "./registry-errors.ts";

/** One version of a function. */
export interface StoredFunction {
  readonly region: string;
  readonly account: string;
  readonly name: string;
  /** `$LATEST`, or a number. */
  readonly version: string;
  /** Without a qualifier for `$LATEST`. */
  readonly arn: string;
  readonly revisionId: string;
  /** Base64. */
  readonly codeSha256: string;
  readonly codeBytes: number;
  /** Absolute. */
  readonly codeDir: string;
  readonly settings: FunctionSettings;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

/** What must be given to create a function; all other settings have defaults. */
export interface NewFunction {
  readonly region: string;
  readonly name: string;
  readonly code: CodeSource;
  readonly settings: Pick<FunctionSettings, "runtime" | "handler" | "roleArn"> & Partial<FunctionSettings>;
}

/** Which function to change. */
export interface FunctionTarget {
  readonly region: string;
  /** Name, partial ARN or full ARN. */
  readonly reference: string;
  /** When given, the change is refused unless it is still the latest. */
  readonly revisionId?: string;
}

export interface FunctionPage {
  readonly functions: readonly StoredFunction[];
  /** Where the next page starts; absent on the last one. */
  readonly next?: string;
}

/**
 * Functions of one account, in all regions.
 *
 * Errors of every change: Lambda's `ResourceNotFoundException`, `ResourceConflictException`,
 * `InvalidParameterValueException`, `PreconditionFailedException`, `RequestEntityTooLargeException`.
 */
export interface FunctionRegistry {
  create(request: NewFunction): Promise<StoredFunction>;
  updateCode(target: FunctionTarget, code: CodeSource, settings?: Partial<FunctionSettings>): Promise<StoredFunction>;
  updateSettings(target: FunctionTarget, settings: Partial<FunctionSettings>): Promise<StoredFunction>;
  /** Deletes one published version, or without a qualifier the whole function. */
  delete(target: FunctionTarget, qualifier?: string): Promise<void>;
  /** Undefined when there is no such function or version, also when an ARN names another region or account. */
  find(region: string, reference: string, qualifier?: string): Promise<StoredFunction | undefined>;
  list(region: string, page: { readonly after?: string; readonly limit: number }): Promise<FunctionPage>;
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
  readonly account: string;
}

/** Makes the registry; touches neither disk nor store. */
export function createFunctionRegistry(parts: RegistryParts): FunctionRegistry {
  const { store } = parts;
  const code = createCodeStore(parts.dir, parts.objects);
  const desk: Desk = { ...parts, code, toFunction: (row) => fromRow(row, parts.account, code.folderOf) };
  return {
    create: (request) => createFunction(desk, request),
    updateCode: (target, source, changed) => updateCode(desk, target, source, changed),
    updateSettings: (target, changed) => change(desk, target, (row) => ({ ...row, ...merged(row, changed) })),
    delete: (target, qualifier) => deleteVersions(desk, target, qualifier),
    find: (region, reference, qualifier) => find(desk, region, reference, qualifier),
    publish: (target, description) => publish(desk, target, description),
    listVersions: (target, page) => listVersions(desk, target, page),
    async list(region, { after = "", limit }) {
      const rows = await store.read.all(listFunctions, { region, after, limit: limit + 1 });
      return toPage(desk, rows, limit, (row) => row.name);
    },
    async sweep() {
      const used = await store.read.all(listUsedCode, {});
      return code.sweep(new Set(used.map((row) => row.code_sha256)));
    },
  };
}

/** What all of the registry's methods work with. */
interface Desk extends RegistryParts {
  readonly code: CodeStore;
  toFunction(row: FunctionTable): StoredFunction;
}

async function createFunction(desk: Desk, { region, name, code: source, settings: given }: NewFunction) {
  const settings = checked({ ...defaultSettings(name), ...given });
  const before = await desk.store.read.first(findFunction, { region, name, version: LATEST });
  if (before) throw functionExists(name);
  return desk.code.take(source, async (taken) => {
    const row = { region, name, version: LATEST, settings, ...codeColumns(taken), ...newRevision(desk) };
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
  await latestOf(desk.store.read, locate(desk, target), target.revisionId);
  return desk.code.take(source, (taken) =>
    change(desk, target, (row) => ({ ...row, ...codeColumns(taken), ...merged(row, changed) })),
  );
}

async function change(desk: Desk, target: FunctionTarget, edit: (row: FunctionTable) => FunctionTable) {
  const located = locate(desk, target);
  return desk.store.transact(async (tx) => {
    const row = await latestOf(tx, located, target.revisionId);
    const edited = { ...edit(row), ...newRevision(desk) };
    await tx.run(setFunction, edited);
    return desk.toFunction(edited);
  });
}

async function deleteVersions(desk: Desk, target: FunctionTarget, qualifier: string | undefined): Promise<void> {
  const { region, name, arn } = locate(desk, target);
  const version = toVersionNumber(qualifier);
  const deleted = await desk.store.transact(async (tx) => {
    if (qualifier === undefined) return tx.run(deleteFunction, { region, name });
    return version === undefined ? 0 : tx.run(deleteFunctionVersion, { region, name, version });
  });
  if (deleted === 0) throw functionNotFound(qualifier === undefined ? arn : `${arn}:${qualifier}`);
}

async function find(desk: Desk, region: string, reference: string, qualifier: string | undefined) {
  const parsed = parseFunctionReference(reference);
  if (!parsed || (parsed.region ?? region) !== region || (parsed.account ?? desk.account) !== desk.account)
    return undefined;
  const version = toVersionNumber(qualifier ?? parsed.qualifier);
  if (version === undefined) return undefined;
  const row = await desk.store.read.first(findFunction, { region, name: parsed.name, version });
  return row && desk.toFunction(row);
}

async function publish(desk: Desk, target: FunctionTarget, description: string | undefined) {
  const located = locate(desk, target);
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
  const { region, name, arn } = locate(desk, target);
  const version = page.after === undefined ? -1 : (toVersionNumber(page.after) ?? -1);
  const rows = await desk.store.read.all(listFunctionVersions, { region, name, version, limit: page.limit + 1 });
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
    revisionId: stored.revisionId,
  };
}

/** The number under which `$LATEST` is kept. */
const LATEST = 0;

const toQualifier = (version: number) => (version === LATEST ? "$LATEST" : String(version));

/** Undefined for what can be no version: there are no aliases yet. */
function toVersionNumber(qualifier: string | undefined): number | undefined {
  if (qualifier === undefined || qualifier === "$LATEST") return LATEST;
  return /^[1-9]\d{0,9}$/.test(qualifier) ? Number(qualifier) : undefined;
}

interface Located {
  readonly region: string;
  readonly name: string;
  /** As the error shows it. */
  readonly arn: string;
}

/** Errors: `ResourceNotFoundException` when the reference cannot mean a function of this region and account. */
function locate({ account }: Desk, { region, reference }: FunctionTarget): Located {
  const parsed = parseFunctionReference(reference);
  if (!parsed) throw functionNotFound(functionArn(region, account, reference));
  const arn = functionArn(parsed.region ?? region, parsed.account ?? account, parsed.name);
  if (arn !== functionArn(region, account, parsed.name)) throw functionNotFound(arn);
  return { region, name: parsed.name, arn };
}

async function latestOf(reader: Reader, { region, name, arn }: Located, revisionId?: string): Promise<FunctionTable> {
  const row = await reader.first(findFunction, { region, name, version: LATEST });
  if (!row) throw functionNotFound(arn);
  if (revisionId !== undefined && revisionId !== row.revision_id) throw revisionMismatch();
  return row;
}

async function insertNew(tx: Tx, row: FunctionTable): Promise<void> {
  const { region, name, version } = row;
  if (await tx.first(findFunction, { region, name, version })) throw functionExists(name);
  await tx.run(insertFunction, row);
}

async function publishVersion(desk: Desk, tx: Tx, latest: FunctionTable, description?: string): Promise<FunctionTable> {
  const newest = await tx.first(findNewestVersion, { region: latest.region, name: latest.name });
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

function newRevision({ now }: RegistryParts): Pick<FunctionTable, "revision_id" | "modified_at"> {
  return { revision_id: crypto.randomUUID(), modified_at: now() };
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
const readSettings = (row: FunctionTable) => JSON.parse(row.settings) as FunctionSettings;

function fromRow(row: FunctionTable, account: string, folderOf: (sha256: string) => string): StoredFunction {
  const version = toQualifier(row.version);
  return {
    region: row.region,
    account,
    name: row.name,
    version,
    arn: functionArn(row.region, account, row.name, row.version === LATEST ? undefined : version),
    revisionId: row.revision_id,
    codeSha256: row.code_sha256,
    codeBytes: row.code_bytes,
    codeDir: row.code_dir ?? folderOf(row.code_sha256),
    settings: readSettings(row),
    modifiedAt: row.modified_at,
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
