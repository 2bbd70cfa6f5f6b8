import { basename } from "node:path";
import { asBytes } from "../as-bytes.ts";
import { JobFailed } from "../failure.ts";
import type { ObjectStore, ObjectTarget } from "../surroundings.ts";
import { startUpload, type Upload } from "./upload.ts";
import type { ZipOutput } from "./zip-output.ts";

/**
 * Bytes to be written: a Node or web stream, or anything else that gives pieces in time.
 *
 * @example
 * ```ts
 * const bytes: ByteStream = Readable.from(["id,name\n", "1,Ada\n"]);
 * ```
 */
export type ByteStream = AsyncIterable<Uint8Array | string>;

/**
 * An artifact to be written: a zip of what is added, or one raw object.
 *
 * It is sent while it is written, so memory stays flat, but it is only there after `close`, which the toolkit does
 * before it reports. When the job fails, nothing is left in S3. Additions are done one after the other, in order.
 * With an encryption key on the artifact store, SSE-KMS with that key is asked for; else the bucket's own setting counts.
 *
 * Every method may throw `InvalidZip` for names that lead out or come twice, and errors of S3.
 *
 * @example
 * ```ts
 * const report: OutputArtifact = job.output("Report");
 * await report.addText("summary.txt", "all is well");
 * ```
 */
export interface OutputArtifact {
  /** Its name in the pipeline. */
  readonly name: string;
  /** Where the object will be. */
  readonly bucket: string;
  /** Where the object will be in its bucket. */
  readonly key: string;

  /**
   * Adds every file below a folder, links to files inside it followed; empty folders too. `under` is put in front of
   * the names.
   *
   * Errors: `JobFailed` for a link that leads out of the folder, and for what is no file.
   *
   * @example
   * ```ts
   * await job.output("Report").addFolder(await job.input("Source").extract(), { under: "public" });
   * ```
   */
  addFolder(dir: string, options?: { readonly under?: string }): Promise<void>;

  /**
   * Adds one file of the disk, under its own name unless another is given.
   *
   * Errors: `Error` of the disk when it cannot be read.
   *
   * @example
   * ```ts
   * const folder = await job.input("Source").extract();
   * await job.output("Report").addFile(`${folder}/report.html`, "index.html");
   * ```
   */
  addFile(path: string, name?: string): Promise<void>;

  /**
   * Adds a file with this text (UTF-8).
   *
   * Errors: those of every method.
   *
   * @example
   * ```ts
   * await job.output("Report").addText("summary.json", JSON.stringify({ rows: 42 }));
   * ```
   */
  addText(name: string, text: string): Promise<void>;

  /**
   * Adds a file with the bytes of a stream, of at most 4 GiB.
   *
   * Errors: those of the stream; `InvalidZip` when it has more.
   *
   * @example
   * ```ts
   * await job.output("Report").addStream("rows.csv", Readable.from(["id,name\n", "1,Ada\n"]));
   * ```
   */
  addStream(name: string, bytes: ByteStream): Promise<void>;

  /**
   * Writes the artifact itself, which is no zip then, or one that was made elsewhere. Nothing else can be added.
   *
   * `contentType` is `application/octet-stream` unless given.
   *
   * Errors: `JobFailed` when something was added before; those of the stream.
   *
   * @example
   * ```ts
   * await job.output("Report").raw(JSON.stringify({ rows: 42 }), { contentType: "application/json" });
   * ```
   */
  raw(bytes: ByteStream | Uint8Array | string, options?: { readonly contentType?: string }): Promise<void>;

  /**
   * Ends the artifact now; the errors that this may have then come inside `run`. A second call does nothing.
   *
   * Errors: those of what was added, and of S3.
   *
   * @example
   * ```ts
   * await job.output("Report").addText("summary.txt", "all is well");
   * await job.output("Report").close();
   * ```
   */
  close(): Promise<void>;
}

/** An output artifact as the toolkit sees it. */
export interface OpenOutput {
  readonly artifact: OutputArtifact;
  readonly target: ObjectTarget;
  /** Whether something of the artifact was written. */
  readonly isBegun: () => boolean;
  /** Whether the artifact is in S3. */
  readonly isComplete: () => boolean;
  /** Refuses whatever is added or closed from now on. */
  giveUp(): void;
  /** Gives up, and leaves nothing of what is not complete. */
  abort(): Promise<void>;
}

/** Makes an output artifact. Nothing is sent before something is added. */
export function outputArtifact(name: string, target: ObjectTarget, store: ObjectStore): OpenOutput {
  const label = `The output artifact '${name}'`;
  let upload: Upload | undefined;
  let zip: ZipOutput | undefined;
  let isClosed = false;
  let isComplete = false;
  const [inOrder, failWith] = queue();

  const giveUp = () => failWith(new JobFailed(`${label} is given up: the job is over.`));
  const begin = (ContentType: string) => {
    if (isClosed) throw new JobFailed(`${label} was ended already; nothing can be added.`);
    upload ??= startUpload(store, { ...target, ContentType });
    return upload;
  };
  const end = async () => {
    isClosed = true;
    await upload?.end();
    isComplete = true;
  };
  const add = (work: (zip: ZipOutput) => Promise<void>) =>
    inOrder(async () => {
      const { write } = begin("application/zip");
      zip ??= (await import("./zip-output.ts")).zipOutput(write);
      await work(zip);
    });

  const artifact: OutputArtifact = {
    name,
    bucket: target.Bucket,
    key: target.Key,
    addFolder: (dir, { under = "" } = {}) => add((to) => to.addFolder(dir, under && `${under}/`)),
    addFile: (path, as = basename(path)) => add((to) => to.addFile(path, as)),
    addText: (path, text) => add((to) => to.addBytes(path, Buffer.from(text))),
    addStream: (path, bytes) => add((to) => to.addBytes(path, bytes)),
    raw: (bytes, { contentType = "application/octet-stream" } = {}) =>
      inOrder(async () => {
        if (upload) throw new JobFailed(`${label} has content already; 'raw' must be all of it.`);
        const { write } = begin(contentType);
        const pieces = typeof bytes === "string" || bytes instanceof Uint8Array ? [bytes] : bytes;
        for await (const piece of pieces) await write(asBytes(piece));
        await end();
      }),
    close: () =>
      inOrder(async () => {
        if (isClosed || !upload) return;
        await zip?.end();
        await end();
      }),
  };
  return {
    artifact,
    target,
    isBegun: () => upload !== undefined,
    isComplete: () => isComplete,
    giveUp,
    async abort() {
      giveUp();
      await upload?.abort();
    },
  };
}

type Queue = readonly [inOrder: (work: () => Promise<void>) => Promise<void>, failWith: (error: unknown) => void];

/**
 * One after the other; after a fault nothing more is done, also if nobody has waited for what failed. Work that nobody
 * waits for is no unhandled rejection: its error comes again with whatever follows.
 */
function queue(): Queue {
  let last: Promise<void> = Promise.resolve();
  let fault: (() => never) | undefined;
  const failWith = (error: unknown) => {
    fault ??= () => {
      throw error;
    };
  };
  const inOrder = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(() => (fault ?? work)());
    last = done.catch(failWith);
    return done;
  };
  return [inOrder, failWith];
}
