import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ServerOptions, type StoryEntry, startServer } from "@penstock/server";

/*
 * A server for one test file: in the test's own process, on a free port, with a data folder that is thrown away.
 * What a test asks of it goes over the wire, through official clients; what this file adds only tells when to look.
 */

/** A running server, as the tests see it. */
export interface Penstock {
  readonly url: string;
  readonly region: string;
  readonly account: string;
  /** Everything that was told so far, of all executions. */
  readonly story: readonly StoryEntry[];
  /** What the server itself has logged. */
  readonly logged: readonly string[];
  /** Resolves when something of the story is told that was not told before. */
  changed(): Promise<void>;
  /** Resolves when nothing of an execution runs any more, retries of its functions included. */
  settled(executionId: string | undefined): Promise<void>;
  /** Sets the server's clock forward; resolves when what has become due is done or begun. */
  advance(ms: number): Promise<void>;
  /** Has something ended with the server, before it. */
  own(end: () => unknown): void;
  stop(): Promise<void>;
}

/** The root of the workspace. */
export const WORKSPACE = fileURLToPath(new URL("..", import.meta.url));

/** Starts a server that acts at once and takes a function's end without a report for a failure, unless told otherwise. */
export async function startPenstock(options: Partial<ServerOptions> = {}): Promise<Penstock> {
  const dataDir = mkdtempSync(join(tmpdir(), "penstock-conformance-"));
  const logged: string[] = [];
  const server = await startServer({
    dataDir,
    timing: "fast",
    unreported: "fail",
    nodeModulesDirs: [join(WORKSPACE, "node_modules")],
    ...pythonOfSetUp(),
    log: (level, message) => {
      logged.push(`${level} ${message}`);
      if (level === "error") console.error(message); // a fault of the server's is why a test fails, if it does
    },
    ...options,
  });
  const story: StoryEntry[] = [];
  const waiting: (() => void)[] = [];
  server.watch((entry) => {
    story.push(entry);
    for (const resolve of waiting.splice(0)) resolve();
  });
  const ends: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true }), () => server.stop()];
  return {
    url: server.url,
    region: options.region ?? "us-east-1",
    account: options.account ?? "000000000000",
    story,
    logged,
    changed: () => new Promise((resolve) => void waiting.push(resolve)),
    settled: (executionId = "") => server.settled(executionId),
    advance: (ms) => server.advanceClock(ms),
    own: (end) => void ends.push(end),
    async stop() {
      for (const end of ends.splice(0).reverse()) await end();
    },
  };
}

/** The Python with boto3 that `npm run setup` found. */
function pythonOfSetUp(): { readonly python?: string } {
  const path = noted("python.json");
  return path === undefined ? {} : { python: path };
}

/** The executable that set-up noted in a file of `.tools`. */
export function noted(file: string): string | undefined {
  const path = join(WORKSPACE, ".tools", file);
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, "utf8")) as { executable: string }).executable; // set-up wrote it
}
