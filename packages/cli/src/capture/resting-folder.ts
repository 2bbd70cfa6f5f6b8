/** Looking into a data folder that no server holds. */
import type { RestingFolder } from "@penstock/server/capture";
import { surroundingsFailed } from "../failure.ts";
import { loadCapture } from "../server-port.ts";

/** What the data folder says of itself when it cannot be read. */
const DATA_ERRORS = ["DataFolderError", "MasterKeyError", "StoreVersionError"];

/** Opens a data folder for as long as `use` works; nothing in it is begun. Throws a `Failure` (exit status 3). */
export async function fromDataFolder<T>(
  dataDir: string,
  jobId: string,
  use: (folder: RestingFolder) => Promise<T>,
): Promise<T> {
  const { withRestingFolder } = await loadCapture();
  try {
    return await withRestingFolder(dataDir, jobId, use);
  } catch (error) {
    if (error instanceof Error && DATA_ERRORS.includes(error.name)) throw surroundingsFailed(error.message, "", error);
    throw error;
  }
}
