import {
  deleteLayerVersion,
  findLayerVersion,
  findNewestLayerVersion,
  insertLayerVersion,
  type LayerVersionTable,
  listLayers,
  listLayerVersions,
} from "../store/layer.ts";
import type { Store } from "../store/store.ts";
import type { Home } from "../wire/operation.ts";
import { type CodeObjects, type CodeSource, createCodeStore } from "./function-code.ts";
import type { LayerUse } from "./function-settings.ts";
import { invalidParameter, notFound } from "./registry-errors.ts";

/** One version of a layer. */
export interface LayerVersion {
  /** Without the version. */
  readonly arn: string;
  readonly name: string;
  readonly version: number;
  readonly versionArn: string;
  /** Base64. */
  readonly codeSha256: string;
  readonly codeBytes: number;
  readonly description: string;
  readonly runtimes: readonly string[];
  readonly architectures: readonly string[];
  readonly license?: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export interface NewLayerVersion
  extends Pick<LayerVersion, "description" | "runtimes" | "architectures" | "license">,
    Home {
  readonly name: string;
  readonly code: CodeSource;
}

export interface LayerPage {
  readonly versions: readonly LayerVersion[];
  /** Where the next page starts; absent on the last one. */
  readonly next?: string;
}

/** A layer's version by its name or ARN. */
export interface LayerTarget extends Home {
  readonly reference: string;
  readonly version: number;
}

/**
 * Layers of functions. Their zips are unpacked where functions' code is, and a function reads them from there.
 *
 * Errors: Lambda's `ResourceNotFoundException`, `InvalidParameterValueException`, `RequestEntityTooLargeException`.
 */
export interface Layers {
  publish(layer: NewLayerVersion): Promise<LayerVersion>;
  get(target: LayerTarget): Promise<LayerVersion>;
  /** One that is not there is no error. Functions that have it keep it. */
  delete(target: LayerTarget): Promise<void>;
  /** The newest version of each layer, by name. */
  list(home: Home, page: { readonly after?: string; readonly limit: number }): Promise<LayerPage>;
  /** Newest first. */
  listVersions(
    home: Home,
    reference: string,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<LayerPage>;
  /** What a function writes down of the layers that it is to use, in their order. */
  use(home: Home, versionArns: readonly string[]): Promise<readonly LayerUse[]>;
}

export interface LayersParts {
  readonly store: Store;
  /** Where zips are unpacked: the folder of functions' code. */
  readonly dir: string;
  readonly objects: CodeObjects;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function createLayers(parts: LayersParts): Layers {
  const { store } = parts;
  const keyOf = ({ account, region, reference, version }: LayerTarget) => ({
    account,
    region,
    name: nameOf(reference),
    version,
  });
  const find = async (target: LayerTarget) => {
    const row = isHere(target) ? await store.read.first(findLayerVersion, keyOf(target)) : undefined;
    return row && fromRow(row);
  };
  return {
    publish: (layer) => publish(parts, layer).then(fromRow),
    async get(target) {
      const found = await find(target);
      if (!found) throw notFound("The resource you requested does not exist.");
      return found;
    },
    async delete(target) {
      if (isHere(target)) await store.transact((tx) => tx.run(deleteLayerVersion, keyOf(target)));
    },
    async list({ account, region }, { after = "", limit }) {
      const rows = await store.read.all(listLayers, { account, region, after, limit: limit + 1 });
      return toPage(rows.map(fromRow), limit, ({ name }) => name);
    },
    async listVersions({ account, region }, reference, { after, limit }) {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
      const name = nameOf(reference);
      const rows = await store.read.all(listLayerVersions, { account, region, name, before, limit: limit + 1 });
      return toPage(rows.map(fromRow), limit, ({ version }) => String(version));
    },
    use: (home, arns) => use(home, arns, find),
  };
}

async function publish({ store, dir, objects, now }: LayersParts, layer: NewLayerVersion): Promise<LayerVersionTable> {
  const { account, region, name, license = null } = layer;
  return createCodeStore(dir, objects).take(layer.code, ({ sha256, sizeBytes }) =>
    store.transact(async (tx) => {
      const newest = await tx.first(findNewestLayerVersion, { account, region, name: nameOf(name) });
      const row: LayerVersionTable = {
        account,
        region,
        name: nameOf(name),
        version: (newest?.version ?? 0) + 1,
        code_sha256: sha256,
        code_bytes: sizeBytes,
        description: layer.description,
        runtimes: JSON.stringify(layer.runtimes),
        architectures: JSON.stringify(layer.architectures),
        license,
        created_at: now(),
        is_deleted: 0,
      };
      await tx.run(insertLayerVersion, row);
      return row;
    }),
  );
}

/** Source: Lambda developer guide, "Lambda quotas". */
const LAYERS_OF_FUNCTION_MAX = 5;

/** Texts are the service's. */
async function use(
  { account, region }: Home,
  arns: readonly string[],
  find: (target: LayerTarget) => Promise<LayerVersion | undefined>,
): Promise<readonly LayerUse[]> {
  if (arns.length > LAYERS_OF_FUNCTION_MAX)
    throw invalidParameter(`Cannot reference more than ${LAYERS_OF_FUNCTION_MAX} layers.`);
  const byLayer = new Map<string, string>();
  const uses: LayerUse[] = [];
  for (const arn of arns) {
    const [, layerArn = "", version = ""] = /^(.*):(\d+)$/.exec(arn) ?? [];
    const other = byLayer.get(layerArn);
    if (other !== undefined) {
      throw invalidParameter(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${arn} and ${other} are versions of the same layer.`,
      );
    }
    byLayer.set(layerArn, arn);
    if (!isHere({ account, region, reference: layerArn })) throw notOurs(arn);
    const found = await find({ account, region, reference: layerArn, version: Number(version) });
    if (!found) throw invalidParameter(`Layer version ${arn} does not exist.`);
    uses.push({ arn, codeSha256: found.codeSha256, codeBytes: found.codeBytes });
  }
  return uses;
}

/** Source: our choice; in AWS the layer would be there. */
const notOurs = (arn: string) =>
  invalidParameter(
    `Layer version ${arn} is of another account or region, which share no layers here. Publish its zip here with PublishLayerVersion, and name that layer.`,
  );

const LAYER_ARN = /^arn:aws[a-z-]*:lambda:(?<region>[a-z0-9-]+):(?<owner>\d{12}):layer:(?<name>[A-Za-z0-9_-]+)$/;

const nameOf = (reference: string) => LAYER_ARN.exec(reference)?.groups?.["name"] ?? reference;

/** The ARN of a layer, or of one of its versions. */
export function layerArn(region: string, account: string, reference: string, version?: number): string {
  const arn = reference.startsWith("arn:") ? reference : `arn:aws:lambda:${region}:${account}:layer:${reference}`;
  return version === undefined ? arn : `${arn}:${version}`;
}

/** A bare name always is; an ARN may be of another region or account, whose layers are not here. */
function isHere({ account, region, reference }: Omit<LayerTarget, "version">): boolean {
  const groups = LAYER_ARN.exec(reference)?.groups;
  return !groups || (groups["region"] === region && groups["owner"] === account);
}

function fromRow(row: LayerVersionTable): LayerVersion {
  const { account, region, name, version, license } = row;
  return {
    arn: layerArn(region, account, name),
    name,
    version,
    versionArn: layerArn(region, account, name, version),
    codeSha256: row.code_sha256,
    codeBytes: row.code_bytes,
    description: row.description,
    // Only `publish` makes these columns.
    runtimes: JSON.parse(row.runtimes) as string[],
    architectures: JSON.parse(row.architectures) as string[],
    ...(license !== null && { license }),
    createdAt: row.created_at,
  };
}

function toPage(found: readonly LayerVersion[], limit: number, keyOf: (version: LayerVersion) => string): LayerPage {
  const versions = found.slice(0, limit);
  const last = versions.at(-1);
  return found.length > limit && last ? { versions, next: keyOf(last) } : { versions };
}
