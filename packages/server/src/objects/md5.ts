import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";

/**
 * MD5s of bodies, which S3 gives out as ETags.
 *
 * MD5 is the slowest of all that is done with a body: half of its time. So a body that is not small is hashed by a
 * thread of its own, beside the encryption. A few stretches of shared memory go round between the two; whoever finds
 * none free waits, which is the back-pressure. The thread starts with the first such body and does not keep the process.
 */

/** Up to here a body is hashed at its end, in one go. Unit: bytes. */
const AT_ONCE_BYTES_MAX = 512 * 1024;

/** Unit: bytes. Source: measured; a message costs ten microseconds, whatever it tells of. */
const SLOT_BYTES = 256 * 1024;
const SLOTS_COUNT = 8;

/** The MD5 of one body. To be ended by either `digest` or `abandon`. */
export interface RunningMd5 {
  /** Resolves when the next bytes may come. The bytes may not be changed afterwards. */
  update(bytes: Buffer): Promise<void> | undefined;
  digest(): Promise<Buffer>;
  abandon(): void;
}

/** Has a life: close it. */
export interface Md5s {
  start(): RunningMd5;
  close(): Promise<void>;
}

export function openMd5s(): Md5s {
  let thread: Md5Thread | undefined;
  const findThread = () => {
    thread ??= new Md5Thread(() => {
      thread = undefined;
    });
    return thread;
  };
  const isAlone = availableParallelism() === 1;
  return {
    start: () => (isAlone ? startHere() : startGathering(findThread)),
    close: async () => thread?.end(),
  };
}

/** Where there is one core, a thread only costs. */
function startHere(): RunningMd5 {
  const hash = createHash("md5");
  return {
    update: (bytes) => void hash.update(bytes),
    digest: async () => hash.digest(),
    abandon: () => {},
  };
}

function startGathering(findThread: () => Md5Thread): RunningMd5 {
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let begun: { readonly thread: Md5Thread; readonly body: number } | undefined;
  const take = () => {
    const taken = gathered;
    gathered = [];
    gatheredBytes = 0;
    return taken;
  };
  return {
    update(bytes) {
      gathered.push(bytes);
      gatheredBytes += bytes.length;
      if (gatheredBytes < (begun ? SLOT_BYTES : AT_ONCE_BYTES_MAX)) return undefined;
      if (!begun) {
        const thread = findThread();
        begun = { thread, body: thread.newBody() };
      }
      return begun.thread.add(begun.body, take());
    },
    async digest() {
      if (begun) {
        await begun.thread.add(begun.body, take());
        return await begun.thread.digest(begun.body);
      }
      const hash = createHash("md5");
      for (const bytes of take()) hash.update(bytes);
      return hash.digest();
    },
    abandon: () => begun?.thread.abandon(begun.body),
  };
}

/** What the thread says: a slot is free again, or a digest is there. */
type Answer = { readonly slot: number } | { readonly body: number; readonly digest: Uint8Array };

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

class Md5Thread {
  readonly #memory = new SharedArrayBuffer(SLOTS_COUNT * SLOT_BYTES);
  readonly #worker: Worker;
  readonly #free = Array.from({ length: SLOTS_COUNT }, (_, slot) => slot);
  readonly #forSlot: Waiting<number>[] = [];
  readonly #forDigest = new Map<number, Waiting<Buffer>>();
  #bodiesCount = 0;
  #fault: unknown;

  constructor(onGone: () => void) {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    this.#worker = new Worker(new URL("./md5-thread.mjs", import.meta.url), {
      workerData: { memory: this.#memory, slotBytes: SLOT_BYTES },
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on("message", (answer: Answer) => this.#hear(answer));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => {
      onGone();
      this.#fail(new Error("The thread that computes MD5s has ended."));
    });
  }

  newBody(): number {
    this.#bodiesCount += 1;
    return this.#bodiesCount;
  }

  /** Resolves when all of it is with the thread. */
  async add(body: number, buffers: readonly Buffer[]): Promise<void> {
    let slot: number | undefined;
    let filled = 0;
    for (const buffer of buffers) {
      for (let at = 0; at < buffer.length; ) {
        slot ??= await this.#takeSlot();
        const taken = Math.min(SLOT_BYTES - filled, buffer.length - at);
        new Uint8Array(this.#memory, slot * SLOT_BYTES + filled).set(buffer.subarray(at, at + taken));
        at += taken;
        filled += taken;
        if (filled < SLOT_BYTES) continue;
        this.#worker.postMessage({ body, slot, sizeBytes: filled });
        slot = undefined;
        filled = 0;
      }
    }
    if (slot !== undefined) this.#worker.postMessage({ body, slot, sizeBytes: filled });
  }

  digest(body: number): Promise<Buffer> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    this.#worker.postMessage({ body, sizeBytes: 0, ends: "digest" });
    return new Promise((resolve, reject) => this.#forDigest.set(body, { resolve, reject }));
  }

  abandon(body: number): void {
    this.#worker.postMessage({ body, sizeBytes: 0, ends: "abandon" });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #takeSlot(): number | Promise<number> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return this.#free.pop() ?? new Promise((resolve, reject) => this.#forSlot.push({ resolve, reject }));
  }

  #hear(answer: Answer): void {
    if ("slot" in answer) {
      const waiting = this.#forSlot.shift();
      if (waiting) waiting.resolve(answer.slot);
      else this.#free.push(answer.slot);
      return;
    }
    this.#forDigest.get(answer.body)?.resolve(Buffer.from(answer.digest));
    this.#forDigest.delete(answer.body);
  }

  #fail(error: unknown): void {
    this.#fault ??= error;
    for (const { reject } of this.#forSlot.splice(0)) reject(error);
    for (const { reject } of this.#forDigest.values()) reject(error);
    this.#forDigest.clear();
  }
}
