/**
 * Files as they are saved.
 *
 * chokidar and not `fs.watch`: that follows a folder on Linux by one watch for each folder in it, `node_modules` included,
 * and loses a file that an editor replaces.
 */
import { relative } from "node:path";
import { watch } from "chokidar";

/** Saved since it was last asked, at least one file. */
export interface Saved {
  /** Absolute, in the order in which they were seen. */
  readonly paths: readonly string[];
  /** When the first was seen. Unit: milliseconds of `performance.now()`. */
  readonly at: number;
}

export interface WatchedFiles {
  /** Whether something was saved that nobody took. */
  hasSaved(): boolean;
  /** Resolves when something was saved; at once if it was. */
  saved(): Promise<void>;
  take(): Saved;
  close(): Promise<void>;
}

/** A save may be several changes: an editor writes a new file and puts it in the old one's place. Unit: milliseconds. */
const QUIET_MS = 15;

/** What functions, tools and editors write by themselves. */
const LEFT_OUT =
  /(^|[/\\])(node_modules|\.git|\.penstock|\.venv|__pycache__|\.[^/\\]*\.sw[a-z]|4913|[^/\\]*~)([/\\]|$)/;

/** Resolves when changes are seen from now on. `ignored` is a folder that others write into. */
export async function watchFiles(paths: readonly string[], ignored: string | undefined): Promise<WatchedFiles> {
  const isLeftOut = (path: string) => {
    const root = paths.findLast((each) => path === each || path.startsWith(each)) ?? "";
    return path === ignored || LEFT_OUT.test(relative(root, path));
  };
  const watcher = watch([...paths], { ignoreInitial: true, ignored: isLeftOut });
  const found = new Set<string>();
  let firstAt = 0;
  let next = Promise.withResolvers<void>();
  let quiet: NodeJS.Timeout | undefined;
  watcher.on("all", (event, path) => {
    if (event === "addDir") return;
    if (found.size === 0) firstAt = performance.now();
    found.add(path);
    clearTimeout(quiet);
    quiet = setTimeout(next.resolve, QUIET_MS);
  });
  watcher.on("error", () => {}); // a folder that went away: its unlink was told
  await new Promise<void>((ready) => watcher.once("ready", () => ready()));
  return {
    hasSaved: () => found.size > 0,
    saved: () => next.promise,
    take() {
      const saved = { paths: [...found], at: firstAt };
      found.clear();
      next = Promise.withResolvers<void>();
      return saved;
    },
    async close() {
      clearTimeout(quiet);
      await watcher.close();
    },
  };
}
