import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type CaptureOptions, captureJob } from "./capture/capture-job.ts";
import type { JobCapture } from "./capture/job-capture.ts";
import { DataFolderError, takeDataFolder } from "./data-folder.ts";
import type { Objects } from "./objects/objects.ts";
import { buildParts, type Parts } from "./parts.ts";
import { findJob } from "./store/job.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";
import { InvariantError } from "./wire/error.ts";

/** A data folder that is looked into and not served: nothing in it is begun. */
export interface RestingFolder {
  capture(jobId: string, options: CaptureOptions): Promise<JobCapture | undefined>;
  readonly objects: Pick<Objects, "get">;
}

/**
 * Opens a data folder that no server holds, for as long as `use` works. `jobId` tells whose account and region count.
 *
 * Errors: `DataFolderError`, `MasterKeyError`, `StoreVersionError`.
 */
export async function withRestingFolder<T>(
  dataDir: string,
  jobId: string,
  use: (folder: RestingFolder) => Promise<T>,
): Promise<T> {
  const dir = resolve(dataDir);
  if (!existsSync(join(dir, "penstock.db"))) {
    throw new DataFolderError(`${dir} holds no data of Penstock. Name the folder that serve or run had with --data.`);
  }
  const folder = takeDataFolder(dir);
  try {
    const parts = buildParts(
      folder,
      await ownerOf(folder.database, jobId),
      { dataDir: dir },
      {
        url: () => "http://127.0.0.1",
        callAsRole: () => Promise.reject(new InvariantError("Nothing runs in a data folder at rest.")),
      },
    );
    try {
      return await use({ objects: parts.objects, capture: (id, options) => captureOf(parts, id, options) });
    } finally {
      await close(parts);
    }
  } finally {
    folder.release();
  }
}

/** The capture of a job, from the parts of a server. */
export async function captureOf(parts: Parts, jobId: string, options: CaptureOptions): Promise<JobCapture | undefined> {
  const { store, codePipeline, objects, functions, clock } = parts;
  const { declarations } = codePipeline;
  const source = { read: store.read, declarations, objects, registry: functions.registry, now: clock.now };
  return await captureJob(jobId, options, source);
}

async function ownerOf(database: string, jobId: string) {
  const store = openSqliteStore({ path: database });
  try {
    const job = await store.read.first(findJob, { id: jobId });
    return { account: job?.account ?? "000000000000", region: job?.region ?? "us-east-1" };
  } finally {
    await store.close();
  }
}

async function close({ engine, queue, partners, host, objects, lines, store }: Parts): Promise<void> {
  queue.close();
  partners.close();
  engine.close();
  await host.stop();
  await objects.close();
  await lines.flush();
  await store.close();
}
