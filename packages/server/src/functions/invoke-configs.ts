import {
  deleteFunctionInvokeConfig,
  type FunctionInvokeConfigTable,
  findFunctionInvokeConfig,
  listFunctionInvokeConfigs,
  putFunctionInvokeConfig,
} from "../store/function-invoke-config.ts";
import type { Reader, Store } from "../store/store.ts";
import { ServiceError } from "../wire/error.ts";
import {
  type FunctionTarget,
  type Located,
  latestOf,
  locate,
  ownerKeyOf,
  qualifiedKeyOf,
  qualifiedOf,
} from "./locate.ts";
import { notFound } from "./registry-errors.ts";

/** How asynchronous calls are tried again, and who is told how they ended. What is absent is Lambda's default. */
export interface InvokeSettings {
  /** 0 to 2. */
  readonly retriesMax?: number;
  /** 60 to 21,600. */
  readonly eventAgeSecondsMax?: number;
  /** ARNs. */
  readonly onSuccess?: string;
  readonly onFailure?: string;
}

/** The settings of a function, a version or an alias. */
export interface InvokeConfig extends InvokeSettings {
  /** With the qualifier, also `$LATEST`. */
  readonly functionArn: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

export interface InvokeConfigPage {
  readonly configs: readonly InvokeConfig[];
  /** Where the next page starts; absent on the last one. */
  readonly next?: string;
}

/**
 * Settings of asynchronous calls, for each version and alias its own; under its name alone a function is `$LATEST`.
 *
 * Errors: `ResourceNotFoundException`.
 */
export interface InvokeConfigs {
  /** Replaces the whole; what is not given is the default again. */
  put(target: FunctionTarget, qualifier: string | undefined, settings: InvokeSettings): Promise<InvokeConfig>;
  /** Changes what is given; `edit` gets what there is. */
  update(
    target: FunctionTarget,
    qualifier: string | undefined,
    edit: (before: InvokeSettings) => InvokeSettings,
  ): Promise<InvokeConfig>;
  get(target: FunctionTarget, qualifier: string | undefined): Promise<InvokeConfig>;
  delete(target: FunctionTarget, qualifier: string | undefined): Promise<void>;
  list(target: FunctionTarget, page: { readonly after?: string; readonly limit: number }): Promise<InvokeConfigPage>;
  /** What holds for calls of a function; nothing given when nothing was put. */
  settingsOf(version: Omit<Located, "arn">, qualifier: string): Promise<InvokeSettings>;
}

export interface InvokeConfigsParts {
  readonly store: Store;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function createInvokeConfigs({ store, now }: InvokeConfigsParts): InvokeConfigs {
  async function save(located: Located, qualifier: string | undefined, edit: (before: Found) => InvokeSettings) {
    return store.transact(async (tx) => {
      await requireQualified(tx, located, qualifier);
      const before = await tx.first(findFunctionInvokeConfig, qualifiedKeyOf(located, qualifier));
      const row = { ...qualifiedKeyOf(located, qualifier), ...toColumns(edit(before)), modified_at: now() };
      await tx.run(putFunctionInvokeConfig, row);
      return toConfig(row, located);
    });
  }
  return {
    put: (target, qualifier, settings) => save(locate(target), qualifier, () => settings),
    update(target, qualifier, edit) {
      const located = locate(target);
      return save(located, qualifier, (before) => edit(toSettings(before ?? refuse(located, qualifier))));
    },
    async get(target, qualifier) {
      const located = locate(target);
      const row = await store.read.first(findFunctionInvokeConfig, qualifiedKeyOf(located, qualifier));
      return toConfig(row ?? refuse(located, qualifier), located);
    },
    async delete(target, qualifier) {
      const located = locate(target);
      const deleted = await store.transact((tx) =>
        tx.run(deleteFunctionInvokeConfig, qualifiedKeyOf(located, qualifier)),
      );
      if (deleted === 0) refuse(located, qualifier);
    },
    list: (target, page) => list(store.read, locate(target), page),
    async settingsOf(version, qualifier) {
      const row = await store.read.first(findFunctionInvokeConfig, qualifiedKeyOf(version, qualifier));
      return row ? toSettings(row) : {};
    },
  };
}

type Found = FunctionInvokeConfigTable | undefined;

async function list(
  reader: Reader,
  located: Located,
  { after = "", limit }: { readonly after?: string; readonly limit: number },
): Promise<InvokeConfigPage> {
  await latestOf(reader, located);
  const asked = { ...ownerKeyOf(located), after, limit: limit + 1 };
  const rows = await reader.all(listFunctionInvokeConfigs, asked);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const configs = shown.map((row) => toConfig(row, located));
  return rows.length > limit && last ? { configs, next: last.qualifier } : { configs };
}

/** Texts are the service's, here as below. */
async function requireQualified(reader: Reader, located: Located, qualifier: string | undefined): Promise<void> {
  await qualifiedOf(reader, located, qualifier).catch((error: unknown) => {
    throw error instanceof ServiceError ? notFound("The function doesn't exist.") : error;
  });
}

function refuse({ arn }: Located, qualifier = "$LATEST"): never {
  throw notFound(`The function ${arn}:${qualifier} doesn't have an EventInvokeConfig`);
}

function toColumns({ retriesMax, eventAgeSecondsMax, onSuccess, onFailure }: InvokeSettings) {
  return {
    retries_max: retriesMax ?? null,
    event_age_seconds_max: eventAgeSecondsMax ?? null,
    on_success: onSuccess ?? null,
    on_failure: onFailure ?? null,
  };
}

function toSettings(row: FunctionInvokeConfigTable): InvokeSettings {
  return {
    ...(row.retries_max !== null && { retriesMax: row.retries_max }),
    ...(row.event_age_seconds_max !== null && { eventAgeSecondsMax: row.event_age_seconds_max }),
    ...(row.on_success !== null && { onSuccess: row.on_success }),
    ...(row.on_failure !== null && { onFailure: row.on_failure }),
  };
}

function toConfig(row: FunctionInvokeConfigTable, { arn }: Located): InvokeConfig {
  return { ...toSettings(row), functionArn: `${arn}:${row.qualifier}`, modifiedAt: row.modified_at };
}
