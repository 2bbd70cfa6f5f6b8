import type { Readable } from "node:stream";
import { type Checksum, isDigest, type RunningChecksum, startChecksum } from "./checksum.ts";
import type { ObjectsContext } from "./context.ts";
import { badChecksum, badContentMd5, entityTooLarge, invalidChecksum } from "./errors.ts";
import type { Files } from "./files.ts";
import { sealForRow } from "./in-row.ts";
import type { RunningMd5 } from "./md5.ts";
import { passed } from "./memory.ts";
import type { Expectation } from "./object-store.ts";
import { createSealer, fileKey } from "./seal.ts";

/** The most that one request may bring. Unit: bytes. Source: S3 user guide, "Uploading objects". */
export const PUT_SIZE_BYTES_MAX = 5 * 1024 ** 3;

/** So many bytes are gathered for one write; an intake holds at most two such writes. */
const WRITE_BYTES = 256 * 1024;

/** Bytes that were taken in: durable in a file which no row names yet, or sealed for the row. */
export interface TakenBytes {
  /** `null` when there is no file: there were no bytes, or they are in `sealed`. */
  readonly file: string | null;
  /** The bytes themselves, sealed by `sealForRow`, when they were few. */
  readonly sealed: Buffer | null;
  readonly sizeBytes: number;
  readonly md5: Buffer;
  readonly checksum: Checksum | undefined;
}

/**
 * Streams a body into a new file: hashed, encrypted, synced. Up to `inRowBytesMax` bytes are sealed for the row instead.
 * A body that fails, is too large or is not what the client said leaves nothing. The caller must tell `files.settled`
 * once the row is durable or given up.
 *
 * Errors: `BadDigest`, `InvalidRequest` for what is no checksum, `EntityTooLarge`, the body's own.
 */
export async function takeIn(
  { files, md5s }: Pick<ObjectsContext, "files" | "md5s">,
  dataKey: Buffer,
  body: Readable,
  { contentMd5, checksum }: Expectation,
  inRowBytesMax = 0,
): Promise<TakenBytes> {
  const intake = createIntake(files, dataKey, inRowBytesMax);
  const running = md5s.start();
  try {
    const digests = { md5: running, checksum: checksum && (await startChecksum(checksum.algorithm)) };
    const sizeBytes = await pour(body, digests, intake);
    const md5 = await running.digest();
    checkMd5(contentMd5, md5);
    const sum = await checkChecksum(digests.checksum, checksum);
    return { ...(await intake.finish()), sizeBytes, md5, checksum: sum };
  } catch (error) {
    running.abandon();
    await intake.abandon();
    throw error;
  }
}

interface Digests {
  readonly md5: RunningMd5;
  readonly checksum: RunningChecksum | undefined;
}

/** Answers how many plain bytes went by. */
async function pour(body: Readable, digests: Digests, intake: Intake): Promise<number> {
  let sizeBytes = 0;
  // A body of a request gives Buffers; a Readable made of strings is not one.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    passed(2 * chunk.length); // plain and sealed
    if (sizeBytes > PUT_SIZE_BYTES_MAX) throw entityTooLarge(sizeBytes, PUT_SIZE_BYTES_MAX);
    const hashing = digests.md5.update(chunk);
    if (hashing) await hashing;
    digests.checksum?.update(chunk);
    const writing = intake.push(chunk);
    if (writing) await writing;
  }
  return sizeBytes;
}

/** Where the bytes of one body go. */
interface Intake {
  /** Resolves when more may come. */
  push(chunk: Buffer): Promise<void> | undefined;
  finish(): Promise<Pick<TakenBytes, "file" | "sealed">>;
  abandon(): Promise<void>;
}

/** Holds the bytes as long as they are few enough for a row, and makes a file when they are not. */
function createIntake(files: Files, dataKey: Buffer, inRowBytesMax: number): Intake {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let file: FileIntake | undefined;
  return {
    push(chunk) {
      if (file) return file.push(chunk);
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes <= inRowBytesMax) return undefined;
      file = createFileIntake(files, dataKey);
      const before = held;
      held = [];
      return before.length === 1 ? file.push(chunk) : file.push(Buffer.concat(before));
    },
    async finish() {
      if (file) return { file: await file.finish(), sealed: null };
      return { file: null, sealed: heldBytes > 0 ? sealForRow(dataKey, held) : null };
    },
    async abandon() {
      await file?.abandon();
    },
  };
}

interface FileIntake {
  push(chunk: Buffer): Promise<void> | undefined;
  /** Answers the name of the file, which is durable. */
  finish(): Promise<string>;
  abandon(): Promise<void>;
}

function createFileIntake(files: Files, dataKey: Buffer): FileIntake {
  const name = files.newName();
  const writer = files.create(name);
  const sealer = createSealer(fileKey(dataKey, name));
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const gather = (buffers: Buffer[]) => {
    for (const buffer of buffers) {
      pending.push(buffer);
      pendingBytes += buffer.length;
    }
  };
  const flush = () => {
    const [buffers, bytes] = [pending, pendingBytes];
    pending = [];
    pendingBytes = 0;
    return writer.write(buffers, bytes);
  };
  return {
    push(chunk) {
      gather(sealer.push(chunk));
      return pendingBytes >= WRITE_BYTES ? flush() : undefined;
    },
    async finish() {
      gather(sealer.end());
      if (pendingBytes > 0) await flush();
      await writer.finish();
      return name;
    },
    async abandon() {
      await writer.abandon();
      files.settled(name);
    },
  };
}

function checkMd5(expected: string | undefined, md5: Buffer): void {
  if (expected === undefined) return;
  const calculated = md5.toString("base64");
  if (expected !== calculated) throw badContentMd5(expected, calculated);
}

async function checkChecksum(
  running: RunningChecksum | undefined,
  asked: Expectation["checksum"],
): Promise<Checksum | undefined> {
  if (!running || !asked) return undefined;
  const value = await running.digest();
  // A trailer is known only now, at the body's end.
  const expected = asked.expected();
  if (expected !== undefined && expected !== value) {
    throw isDigest(asked.algorithm, expected) ? badChecksum(asked.algorithm) : invalidChecksum(asked.algorithm);
  }
  return { algorithm: asked.algorithm, value, type: "FULL_OBJECT" };
}
