import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemClock } from "../clock.ts";
import { takeDataFolder } from "../data-folder.ts";
import { createDeclarations } from "../engine/declarations.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Diagnosis } from "../why/diagnosis.ts";
import { why } from "./why.ts";

/** The data folder does not hold what is asked about; the message says what to do. */
export class WhyError extends Error {
  override readonly name = "WhyError";
}

/**
 * Says why, from a data folder that no server holds. Nothing in it is begun or changed.
 *
 * Errors: `WhyError`, `DataFolderError`, `StoreVersionError`.
 */
export async function whyOf(id: string, dataDir: string): Promise<readonly Diagnosis[]> {
  const database = join(resolve(dataDir), "penstock.db");
  if (!existsSync(database)) {
    throw new WhyError(`${resolve(dataDir)} holds no data of Penstock. Name the folder of serve or run with --data.`);
  }
  const folder = takeDataFolder(dataDir);
  try {
    const store = openSqliteStore({ path: folder.database });
    try {
      return await why(id, { read: store.read, declarations: createDeclarations(), now: systemClock.now });
    } finally {
      await store.close();
    }
  } finally {
    folder.release();
  }
}
