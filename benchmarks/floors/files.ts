/**
 * The floors of an object store: copies of a file that are synced, Node's own stream of a file over HTTP, and a file
 * that is hashed and synced as ours is, once with our encryption at rest and once without.
 */
import { createHash } from "node:crypto";
import { closeSync, copyFileSync, createReadStream, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { openFiles } from "../../packages/server/src/objects/files.ts";
import { takeIn } from "../../packages/server/src/objects/intake.ts";
import { openMd5s } from "../../packages/server/src/objects/md5.ts";
import { answerQuestions } from "../program.ts";

export interface FilesQuestion {
  /** Folder of the bench. */
  readonly workDir: string;
  /** Where what is asked for is written, if not there. */
  readonly dir?: string;
  readonly what: "serve" | "copy" | "sealed" | "plain";
  readonly sizeBytes: number;
  readonly count: number;
}

export interface FilesAnswer {
  /** Where files are served; each by its size as its path. */
  readonly port: number;
  readonly ms: number;
}

const BLOCK = createHash("shake256", { outputLength: 1 << 20 })
  .update("penstock")
  .digest();
/** How much an HTTP body brings at a time. */
const CHUNK_BYTES = 64 * 1024;
const DATA_KEY = Buffer.alloc(32, 7);

const made = new Map<number, string>();

const server = createServer((request, response) => {
  const sizeBytes = Number(request.url?.slice(1));
  const file = made.get(sizeBytes);
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-length": sizeBytes });
  createReadStream(file).pipe(response);
});

answerQuestions(async ({ workDir, dir = workDir, what, sizeBytes, count }: FilesQuestion): Promise<FilesAnswer> => {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const file = makeFile(workDir, sizeBytes);
  const once = { serve: () => {}, copy: () => copy(file), sealed: sealed(dir), plain: plain(dir) }[what];
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) await once(sizeBytes);
  return { port, ms: performance.now() - startedAt };
});

function makeFile(workDir: string, sizeBytes: number): string {
  const known = made.get(sizeBytes);
  if (known !== undefined) return known;
  const file = join(workDir, `floor-${sizeBytes}`);
  const fd = openSync(file, "w");
  for (const block of blocksOf(sizeBytes, BLOCK.length)) writeSync(fd, block);
  closeSync(fd);
  made.set(sizeBytes, file);
  return file;
}

/** By copying, not by sharing blocks where the file system could: an object that comes over a wire shares none. */
function copy(file: string): void {
  const target = `${file}-copy`;
  copyFileSync(file, target);
  const fd = openSync(target, "r+");
  fsyncSync(fd);
  closeSync(fd);
  rmSync(target);
}

function sealed(dir: string): (sizeBytes: number) => Promise<void> {
  const files = openFiles(join(dir, "sealed"));
  const md5s = openMd5s();
  return async (sizeBytes) => {
    const sha256 = createHash("sha256");
    const { file } = await takeIn({ files, md5s }, DATA_KEY, Readable.from(hashed(sizeBytes, sha256)), {});
    sha256.digest();
    if (file !== null) forget(files, file);
  };
}

/** What `takeIn` does, without the one thing whose cost is asked for. */
function plain(dir: string): (sizeBytes: number) => Promise<void> {
  const files = openFiles(join(dir, "plain"));
  const md5s = openMd5s();
  return async (sizeBytes) => {
    const [sha256, md5] = [createHash("sha256"), md5s.start()];
    const name = files.newName();
    const writer = files.create(name);
    let pending: Buffer[] = [];
    for await (const chunk of Readable.from(hashed(sizeBytes, sha256)) as AsyncIterable<Buffer>) {
      await md5.update(chunk);
      pending.push(chunk);
      if (pending.length * CHUNK_BYTES < WRITE_BYTES) continue;
      await writer.write(pending, byteLength(pending));
      pending = [];
    }
    if (pending.length > 0) await writer.write(pending, byteLength(pending));
    await md5.digest();
    sha256.digest();
    await writer.finish();
    forget(files, name);
  };
}

/** As `takeIn` gathers. */
const WRITE_BYTES = 256 * 1024;

function forget(files: ReturnType<typeof openFiles>, name: string): void {
  files.settled(name);
  files.remove([name]);
}

const byteLength = (buffers: readonly Buffer[]) => buffers.reduce((sum, { length }) => sum + length, 0);

function* hashed(sizeBytes: number, hash: ReturnType<typeof createHash>): Generator<Buffer> {
  for (const block of blocksOf(sizeBytes, CHUNK_BYTES)) {
    hash.update(block);
    yield block;
  }
}

function* blocksOf(sizeBytes: number, blockBytes: number): Generator<Buffer> {
  for (let left = sizeBytes; left > 0; left -= blockBytes) yield BLOCK.subarray(0, Math.min(left, blockBytes));
}
