import type { KeyObject } from "node:crypto";
import type { Readable } from "node:stream";
import { type Checksum, isDigest, type RunningChecksum, startChecksum } from "./checksum.ts";
import type { ObjectsContext } from "./context.ts";
import { badChecksum, badContentMd5, entityTooLarge, invalidChecksum } from "./errors.ts";
import type { FileWriter } from "./files.ts";
import type { RunningMd5 } from "./md5.ts";
import { passed } from "./memory.ts";
import type { Expectation } from "./object-store.ts";
import { createSealer, fileKey } from "./seal.ts";

/** The most that one request may bring. Unit: bytes. Source: S3 user guide, "Uploading objects". */
export const PUT_SIZE_BYTES_MAX = 5 * 1024 ** 3;

/** So many bytes are gathered for one write; an intake holds at most two such writes. */
const WRITE_BYTES = 256 * 1024;

/** Bytes that are durable in a file which no row names yet. */
export interface TakenFile {
  /** `null` when there were no bytes: then there is no file. */
  readonly file: string | null;
  readonly sizeBytes: number;
  readonly md5: Buffer;
  readonly checksum: Checksum | undefined;
}

/**
 * Streams a body into a new file: hashed, encrypted, synced. A body that fails, is too large or is not what
 * the client said leaves nothing. The caller must tell `files.settled` once the row is durable or given up.
 *
 * Errors: `BadDigest`, `InvalidRequest` for what is no checksum, `EntityTooLarge`, the body's own.
 */
export async function takeIn(
  { files, md5s }: Pick<ObjectsContext, "files" | "md5s">,
  dataKey: Buffer,
  body: Readable,
  { contentMd5, checksum }: Expectation,
): Promise<TakenFile> {
  const name = files.newName();
  let writer: FileWriter | undefined;
  const running = md5s.start();
  try {
    const digests = { md5: running, checksum: checksum && (await startChecksum(checksum.algorithm)) };
    const sizeBytes = await pour(body, digests, fileKey(dataKey, name), () => {
      writer ??= files.create(name);
      return writer;
    });
    const md5 = await running.digest();
    checkMd5(contentMd5, md5);
    const sum = await checkChecksum(digests.checksum, checksum);
    await writer?.finish();
    if (!writer) files.settled(name);
    return { file: writer ? name : null, sizeBytes, md5, checksum: sum };
  } catch (error) {
    running.abandon();
    await writer?.abandon();
    files.settled(name);
    throw error;
  }
}

interface Digests {
  readonly md5: RunningMd5;
  readonly checksum: RunningChecksum | undefined;
}

/** Answers how many plain bytes went by. The file is made only when there is something to write. */
async function pour(body: Readable, digests: Digests, key: KeyObject, writer: () => FileWriter): Promise<number> {
  const sealer = createSealer(key);
  let sizeBytes = 0;
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
    return writer().write(buffers, bytes);
  };
  // A body of a request gives Buffers; a Readable made of strings is not one.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    passed(chunk.length);
    if (sizeBytes > PUT_SIZE_BYTES_MAX) throw entityTooLarge(sizeBytes, PUT_SIZE_BYTES_MAX);
    const full = digests.md5.update(chunk);
    if (full) await full;
    digests.checksum?.update(chunk);
    gather(sealer.push(chunk));
    if (pendingBytes >= WRITE_BYTES) await flush();
  }
  gather(sealer.end());
  if (pendingBytes > 0) await flush();
  return sizeBytes;
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
