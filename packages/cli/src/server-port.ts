/**
 * All that the command line knows of the server. Nothing else here names `@penstock/server`, and nothing
 * of it is loaded before `loadServer` is called: a command first checks what it was given.
 */
import type { ServerOptions } from "@penstock/server";

export type { ArtifactPlace, Diagnosis, Server, ServerOptions, StoryEntry } from "@penstock/server";

export type LogLevel = "info" | "warn" | "error";
/** Further accounts, with the keys of their roots. */
export type Accounts = NonNullable<ServerOptions["accounts"]>;
export type Timing = NonNullable<ServerOptions["timing"]>;

/** What the server's package exports. */
export type ServerPackage = typeof import("@penstock/server");

/** Loads the server's code; the slowest thing that a command does before it works. */
export function loadServer(): Promise<ServerPackage> {
  return import("@penstock/server");
}

/** Loads what makes and reads captures, with as much of the server as a data folder needs. */
export function loadCapture(): Promise<typeof import("@penstock/server/capture")> {
  return import("@penstock/server/capture");
}

/** Loads what answers why from a data folder, and nothing else of the server. */
export function loadWhy(): Promise<typeof import("@penstock/server/why")> {
  return import("@penstock/server/why");
}
