import { basename } from "node:path";
import { asBytes } from "../bytes.ts";
import type { CodePipelineJobData, JobArtifact } from "../event.ts";
import { JobFailed } from "../failure.ts";
import type { StatePlace } from "../state-token.ts";
import type { ObjectStore } from "../surroundings.ts";
import { writeZip, type ZipWriter } from "../zip/write-zip.ts";
import { addFile, addFolder } from "./add-files.ts";
import { startUpload, type Upload } from "./upload.ts";

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
  /** What lies in the artifact's place, as far as this job knows. */
  readonly holds: () => "nothing" | "state" | "artifact";
  /** Takes the place for a state. Errors: `JobFailed` when something of the artifact was written. */
  readonly claim: () => StatePlace;
  /** Refuses whatever is added or closed from now on. */
  readonly giveUp: () => void;
  /** Leaves nothing of what is not complete. */
  readonly abort: () => Promise<void>;
}

/** Makes an output artifact. Nothing is sent before something is added. */
export function outputArtifact(
  { name, location: { s3Location } }: JobArtifact,
  store: ObjectStore,
  key?: CodePipelineJobData["encryptionKey"],
): OpenOutput {
  const { bucketName, objectKey } = s3Location;
  const encryption = key && ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: key.id } as const);
  const target = { Bucket: bucketName, Key: objectKey, ...encryption };
  const label = `The output artifact '${name}'`;
  let upload: Upload | undefined;
  let zip: ZipWriter | undefined;
  let isClosed = false;
  let held: ReturnType<OpenOutput["holds"]> = "nothing";
  const [inOrder, failWith] = queue();

  const begin = (ContentType: string) => {
    if (isClosed) throw new JobFailed(`${label} is closed; nothing can be added.`);
    upload ??= startUpload(store, { ...target, ContentType });
    return upload;
  };
  const end = async () => {
    isClosed = true;
    await upload?.end();
    held = "artifact";
  };
  const add = (work: (zip: ZipWriter) => Promise<void>) =>
    inOrder(async () => {
      const { write } = begin("application/zip");
      zip ??= writeZip(write);
      await work(zip);
    });

  const artifact: OutputArtifact = {
    name,
    bucket: bucketName,
    key: objectKey,
    addFolder: (dir, { under = "" } = {}) => add((to) => addFolder(to, dir, under && `${under}/`)),
    addFile: (path, as = basename(path)) => add((to) => addFile(to, path, as)),
    addText: (path, text) => add((to) => to.add(path, Buffer.from(text))),
    addStream: (path, bytes) => add((to) => to.add(path, bytes)),
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
    holds: () => held,
    claim() {
      if (upload) {
        throw new JobFailed(
          `${label} has content already, so a large state has no place. Write it in the last job, or name a 'stateBucket'.`,
        );
      }
      held = "state";
      return [target, store];
    },
    giveUp: () => failWith(new JobFailed(`${label} is given up: the job is over.`)),
    abort: async () => upload?.abort(),
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
