import { join } from "node:path";
import type { Readable } from "node:stream";
import { allOf } from "../all-of.ts";
import type { JobArtifact } from "../event.ts";
import { ConfigurationError } from "../failure.ts";
import { accepted, type OutputOf, type StandardSchema } from "../standard-schema.ts";
import type { ObjectStore } from "../surroundings.ts";
import { temporaryFolder } from "../zip/extract.ts";
import type { ArtifactLimits } from "../zip/read-directory.ts";
import { readArtifact } from "./object-source.ts";
import { type OpenZip, openZip } from "./open-zip.ts";

/**
 * An artifact that came in: a zip in S3, unless its maker wrote something else.
 *
 * Every method may throw `RevisionUnavailable` when the object is not there, `PermissionError` when the job's
 * credentials may not read it, and, but for `stream`, `InvalidZip` when it is no zip or one that is refused.
 *
 * @example
 * ```ts
 * const source: InputArtifact = job.input("Source");
 * console.log(source.revision, await source.files());
 * ```
 */
export interface InputArtifact {
  /** Its name in the pipeline. */
  readonly name: string;
  /** The source's revision; null for what an action made. */
  readonly revision: string | null;
  /** Where the object is. */
  readonly bucket: string;
  /** Where the object is in its bucket. */
  readonly key: string;

  /**
   * Unpacks all of it into a folder, and answers its path. Memory stays flat and the zip itself never lies on disk.
   *
   * Without `dir` it is a new folder for temporary files, which is removed when the job is over. A `dir` must not exist
   * or be empty, and stays. Either all is there, or nothing.
   *
   * Errors: `Error` of the disk when `dir` has something in it, or there is no room.
   *
   * @example
   * ```ts
   * const folder = await job.input("Source").extract();
   * ```
   */
  extract(dir?: string): Promise<string>;

  /**
   * Names of all files in it, sorted.
   *
   * Errors: those of every method.
   *
   * @example
   * ```ts
   * const templates = (await job.input("Source").files()).filter((name) => name.endsWith(".yaml"));
   * ```
   */
  files(): Promise<readonly string[]>;

  /**
   * The bytes of one file, as a stream. Only that file is read from S3, and the zip's directory.
   *
   * Errors: `ConfigurationError` when there is no such file.
   *
   * @example
   * ```ts
   * for await (const chunk of await job.input("Source").file("data.csv")) console.log(chunk.length);
   * ```
   */
  file(path: string): Promise<Readable>;

  /**
   * One file as text (UTF-8), of at most 64 MiB unless `limits.textBytesMax` says otherwise.
   *
   * Errors: as `file`; `JobFailed` when it is larger.
   *
   * @example
   * ```ts
   * const sql = await job.input("Source").text("schema.sql");
   * ```
   */
  text(path: string): Promise<string>;

  /**
   * One file as JSON.
   *
   * Errors: as `text`; `ConfigurationError` when it is no JSON.
   *
   * @example
   * ```ts
   * const settings: unknown = await job.input("Source").json("settings.json");
   * ```
   */
  json(path: string): Promise<unknown>;
  /**
   * The same, checked by a schema.
   *
   * Errors: as `text`; `ConfigurationError` when it is no JSON or the schema refuses it.
   *
   * @example
   * ```ts
   * const { version } = await job.input("Source").json("package.json", z.object({ version: z.string() }));
   * ```
   */
  json<S extends StandardSchema>(path: string, schema: S): Promise<OutputOf<S>>;

  /**
   * The object as it is, zip or not, as a stream.
   *
   * Errors: `RevisionUnavailable` and `PermissionError`, as every method.
   *
   * @example
   * ```ts
   * const hash = createHash("sha256");
   * for await (const chunk of await job.input("Source").stream()) hash.update(chunk);
   * ```
   */
  stream(): Promise<Readable>;
}

/**
 * Makes an input artifact. Nothing is read before it is asked for; the directory is read once. Temporary folders are
 * noted in `temporary`.
 */
export function inputArtifact(
  { name, revision = null, location: { s3Location } }: JobArtifact,
  store: ObjectStore,
  limits: ArtifactLimits,
  temporary: string[],
): InputArtifact {
  const { bucketName: bucket, objectKey: key } = s3Location;
  const place = { Bucket: bucket, Key: key };
  const label = `The input artifact '${name}'`;
  let opened: Promise<OpenZip> | undefined;
  const open = () => {
    opened ??= openZip(store, place, label, limits);
    return opened;
  };
  const file = async (path: string) => (await open()).file(path);
  const text = async (path: string) => (await allOf(await file(path), limits.textBytesMax)).toString();
  return {
    name,
    revision,
    bucket,
    key,
    file,
    text,
    json: async (path: string, schema?: StandardSchema) => await parseJson(await text(path), path, schema),
    async extract(dir) {
      const zip = await open();
      let target = dir;
      if (target === undefined) {
        const parent = temporaryFolder();
        temporary.push(parent);
        target = join(parent, name);
      }
      await zip.extract(target);
      return target;
    },
    files: async () => (await open()).files,
    stream: () => readArtifact(store, place, label),
  };
}

async function parseJson(text: string, path: string, schema: StandardSchema | undefined): Promise<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new ConfigurationError(`'${path}' is no JSON: ${cause}`, { cause });
  }
  return await accepted(schema, [value], ConfigurationError, `'${path}' is not as expected`);
}
