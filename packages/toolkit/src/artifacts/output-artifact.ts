import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { JobFailed } from "../failure.ts";
import type { ObjectCalls, ObjectPlace } from "../surroundings.ts";
import { writeZip, type ZipWriter } from "../zip/write-zip.ts";
import { folderFiles } from "./folder-files.ts";
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
  /** Whether something of the artifact was written. */
  readonly isBegun: () => boolean;
  /** Whether the artifact is in S3. */
  readonly isComplete: () => boolean;
  /** Refuses whatever is added or closed from now on. */
  giveUp(): void;
  /** Leaves nothing of what is not complete. */
  abort(): Promise<void>;
}

/** Up to this size a file is read whole, which is faster than a stream and needs no data descriptor. */
const WHOLE_BYTES_MAX = 1024 * 1024;

/** Makes an output artifact. Nothing is sent before something is added. */
export function outputArtifact(
  name: string,
  place: ObjectPlace,
  { calls, kmsKeyId }: { readonly calls: ObjectCalls; readonly kmsKeyId: string | undefined },
): OpenOutput {
  let upload: Upload | undefined;
  let zip: ZipWriter | undefined;
  let isClosed = false;
  let isComplete = false;
  let last: Promise<void> = Promise.resolve();
  let fault: { readonly error: unknown } | undefined;

  const begin = (contentType: string) => {
    if (isClosed) throw new JobFailed(`The output artifact '${name}' was ended already; nothing can be added.`);
    upload ??= startUpload(calls, place, { contentType, kmsKeyId });
    return upload;
  };
  const zipWriter = () => {
    const { write } = begin("application/zip");
    zip ??= writeZip(write);
    return zip;
  };
  // One after the other; after a fault nothing more is written, also if nobody has waited for what failed.
  const inOrder = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(async () => {
      if (fault) throw fault.error;
      await work();
    });
    last = done.catch((error: unknown) => {
      fault ??= { error };
    });
    return done;
  };
  const add = (work: (zip: ZipWriter) => Promise<void>) => noted(inOrder(() => work(zipWriter())));
  const close = () =>
    noted(
      inOrder(async () => {
        if (isClosed || !upload) return;
        await zip?.end();
        isClosed = true;
        await upload.end();
        isComplete = true;
      }),
    );

  const artifact: OutputArtifact = {
    name,
    ...place,
    close,
    addFolder: (dir, { under = "" } = {}) =>
      add(async (writer) => {
        for (const file of await folderFiles(dir)) {
          const path = under === "" ? file.name : `${under}/${file.name}`;
          if (file.type === "emptyFolder") await writer.addEmptyFolder(path);
          else await addFile(writer, file.path, path);
        }
      }),
    addFile: (path, as) => add((writer) => addFile(writer, path, as ?? basename(path))),
    addText: (path, text) => add((writer) => writer.addBytes(path, Buffer.from(text), false)),
    addStream: (path, bytes) => add((writer) => writer.addStream(path, bytes, false)),
    raw: (bytes, { contentType = "application/octet-stream" } = {}) =>
      noted(
        inOrder(async () => {
          if (upload)
            throw new JobFailed(`The output artifact '${name}' has content already; 'raw' must be all of it.`);
          const { write, end } = begin(contentType);
          for await (const piece of piecesOf(bytes)) await write(piece);
          isClosed = true;
          await end();
          isComplete = true;
        }),
      ),
  };
  return {
    artifact,
    isBegun: () => upload !== undefined,
    isComplete: () => isComplete,
    giveUp() {
      fault ??= { error: new JobFailed(`The job is over; the output artifact '${name}' is given up.`) };
    },
    async abort() {
      await upload?.abort();
    },
  };
}

/** An addition that nobody waits for is no unhandled rejection: its error comes again when the artifact is closed. */
function noted(done: Promise<void>): Promise<void> {
  done.catch(() => {});
  return done;
}

async function addFile(zip: ZipWriter, path: string, name: string): Promise<void> {
  const { size, mode } = await stat(path);
  const isExecutable = (mode & 0o111) !== 0;
  if (size <= WHOLE_BYTES_MAX) await zip.addBytes(name, await readFile(path), isExecutable);
  else await zip.addStream(name, createReadStream(path, { highWaterMark: 256 * 1024 }), isExecutable);
}

async function* piecesOf(bytes: ByteStream | Uint8Array | string): AsyncGenerator<Uint8Array> {
  if (typeof bytes === "string") yield Buffer.from(bytes);
  else if (bytes instanceof Uint8Array) yield bytes;
  else for await (const piece of bytes) yield typeof piece === "string" ? Buffer.from(piece) : piece;
}
