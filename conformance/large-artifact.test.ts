import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./client.ts";
import { WORKSPACE } from "./server.ts";

/*
 * What an artifact costs the server's memory, as the kernel counts it: the peak of the process's resident set. The
 * content is made while it is sent and hashed while it comes back, so it is nowhere whole but on the server's disk.
 */

const SIZE_BYTES = 2 * 1024 ** 3;
/** The other ways in share the streams, so less of them tells as much. */
const PARTS_SIZE_BYTES = 300 * 1024 ** 2;
const GROWTH_BYTES_MAX = 64 * 1024 ** 2;
const PIECE_BYTES = 1024 ** 2;
/** How long a test may take on a slow disk. Unit: milliseconds. */
const PATIENCE_MS = 300_000;

const dir = mkdtempSync(join(tmpdir(), "penstock-large-"));
let child: ChildProcess;
let s3: S3;

beforeAll(async () => {
  const program = join(WORKSPACE, "conformance/server-process.ts");
  child = spawn(process.execPath, [program, join(dir, "data")], { stdio: ["ignore", "pipe", "inherit"] });
  if (!child.stdout) throw new Error("The server's output is not a pipe.");
  const [endpoint] = (await once(createInterface({ input: child.stdout }), "line")) as [string]; // its first line
  s3 = new S3({ endpoint, region: "us-east-1", credentials: ROOT, forcePathStyle: true, maxAttempts: 1 });
  await s3.createBucket({ Bucket: "large" });
  await s3.putObject({ Bucket: "large", Key: "warm", Body: randomBytes(PIECE_BYTES) });
  await drain("warm");
});

afterAll(async () => {
  s3.destroy();
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
  rmSync(dir, { recursive: true, force: true });
});

// The kernel of Linux alone tells the peak.
describe.runIf(existsSync("/proc/self/status"))("the memory of the server", () => {
  test(
    "grows by no more than 64 MB while an artifact of 2 GB is put and got",
    async () => {
      const before = peakBytes();
      const { content, digest } = made(SIZE_BYTES);
      await s3.putObject({ Bucket: "large", Key: "one", Body: content, ContentLength: SIZE_BYTES });
      expect(await drain("one")).toBe(digest());
      expect(peakBytes() - before).toBeLessThanOrEqual(GROWTH_BYTES_MAX);
    },
    PATIENCE_MS,
  );

  test(
    "grows by no more than 64 MB while one is put in parts and copied",
    async () => {
      const before = peakBytes();
      const name = { Bucket: "large", Key: "parts" };
      const whole = made(PARTS_SIZE_BYTES);
      await s3.putObject({ Bucket: "large", Key: "source", Body: whole.content, ContentLength: PARTS_SIZE_BYTES });
      const { UploadId } = await s3.createMultipartUpload(name);
      const half = PARTS_SIZE_BYTES;
      const { content, digest } = made(half);
      const put = await s3.uploadPart({ ...name, UploadId, PartNumber: 1, Body: content, ContentLength: half });
      const CopySource = "large/source";
      const copied = await s3.uploadPartCopy({ ...name, UploadId, PartNumber: 2, CopySource });
      const Parts = [
        { PartNumber: 1, ETag: put.ETag },
        { PartNumber: 2, ETag: copied.CopyPartResult?.ETag },
      ];
      await s3.completeMultipartUpload({ ...name, UploadId, MultipartUpload: { Parts } });
      expect(await drain("parts", `bytes=0-${half - 1}`)).toBe(digest());
      expect(peakBytes() - before).toBeLessThanOrEqual(GROWTH_BYTES_MAX);
    },
    PATIENCE_MS,
  );
});

/** Content that is made as it is read, each piece another, and what it hashed to. */
function made(sizeBytes: number) {
  const hash = createHash("sha256");
  const piece = randomBytes(PIECE_BYTES);
  function* pieces() {
    for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
      const next = Buffer.from(piece);
      next.writeUInt32LE(at / PIECE_BYTES);
      hash.update(next);
      yield next;
    }
  }
  return { content: Readable.from(pieces(), { objectMode: false }), digest: () => hash.digest("hex") };
}

async function drain(Key: string, Range?: string): Promise<string> {
  const hash = createHash("sha256");
  const { Body } = await s3.getObject({ Bucket: "large", Key, ...(Range !== undefined && { Range }) });
  if (!(Body instanceof Readable)) throw new Error("The answer is not a stream.");
  for await (const bytes of Body) hash.update(bytes);
  return hash.digest("hex");
}

function peakBytes(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
