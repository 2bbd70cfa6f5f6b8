/** A server for as long as one command needs it. */
import { join, resolve } from "node:path";
import { surroundingsFailed } from "../failure.ts";
import { loadServer, type Server, type ServerOptions, type ServerPackage } from "../server-port.ts";
import { takeHeadStart } from "./head-start.ts";
import { findInstallation } from "./installation.ts";
import { throwAwayFolder } from "./throw-away-folder.ts";

export interface Session {
  readonly server: Server;
  readonly archive: ServerPackage;
  /** Whether the data goes when the command ends. */
  readonly isThrowAway: boolean;
}

export type SessionOptions = Omit<ServerOptions, "dataDir"> & {
  /** Where the data stays; without it, in a folder that is thrown away. */
  readonly dataDir?: string | undefined;
};

/** Starts a server, hands it over, and stops it whatever happens. Throws a `Failure` when it cannot start. */
export async function withServer<T>(options: SessionOptions, use: (session: Session) => Promise<T>): Promise<T> {
  const folder = options.dataDir ? undefined : throwAwayFolder();
  // The server keeps its master key beside the data folder, so that goes one level below.
  const dataDir = folder ? join(folder.path, "data") : resolve(options.dataDir ?? "");
  try {
    const archive = await loadServer();
    const server = await startServer(archive, { ...options, dataDir, isThrowAway: folder !== undefined });
    try {
      return await use({ server, archive, isThrowAway: folder !== undefined });
    } finally {
      await server.stop();
    }
  } finally {
    folder?.remove();
  }
}

/** The server's own errors at a start; each says what is wrong and what to do. */
const START_ERRORS = ["StartError", "DataFolderError", "MasterKeyError", "StoreVersionError"];

/** Starts a server with what is on this machine. Throws a `Failure` (exit status 3) when it cannot. */
export async function startServer(archive: ServerPackage, options: ServerOptions): Promise<Server> {
  try {
    return await archive.startServer({
      ...findInstallation(process.env, process.cwd()),
      ...takeHeadStart(),
      ...options,
    });
  } catch (error) {
    if (error instanceof Error && START_ERRORS.includes(error.name)) throw surroundingsFailed(error.message, "", error);
    throw error;
  }
}
