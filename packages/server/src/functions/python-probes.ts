import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What one Python said of itself. */
export interface PythonProbe {
  /** The executable behind whatever was asked. */
  readonly file: string;
  readonly version: readonly [number, number, number];
  readonly hasBoto3: boolean;
  /** Root of the user's own packages, when boto3 is among them. */
  readonly userBase: string | null;
  /** Folders that packages are installed to, with the time of their last change; a change may have brought boto3. */
  readonly packageDirs: Readonly<Record<string, number>>;
}

/**
 * What is known of the Pythons of this machine. To ask one takes a process start, so the answers are kept in memory
 * and in a small file, for as long as executable, PATH and choice of the version manager stay as they were.
 */
export interface PythonProbes {
  /** What is known of a Python: undefined when it was never asked, null when it cannot be used. */
  known(file: string): PythonProbe | null | undefined;
  /** Asks it, and remembers. */
  look(file: string): Promise<void>;
}

export interface ProbeOptions {
  readonly path: string;
  readonly home?: string | undefined;
  readonly cacheFile?: string | undefined;
  readonly note?: ((text: string) => void) | undefined;
}

/** Most answers that the file keeps; older ones go. */
const CACHE_ENTRIES_MAX = 64;
/** How long a Python may take to answer. Unit: milliseconds. */
const PROBE_MS_MAX = 20_000;

export function createPythonProbes(options: ProbeOptions): PythonProbes {
  const answers = readCache(options.cacheFile);
  const keyOf = (file: string) => probeKey(file, options.path);
  return {
    known(file) {
      const answer = answers.get(keyOf(file));
      return answer && !answer.hasBoto3 && packagesChanged(answer) ? undefined : answer;
    },
    async look(file) {
      const key = keyOf(file);
      answers.delete(key); // So that it becomes the youngest.
      answers.set(key, await ask(file, options));
      writeCache(answers, options);
    },
  };
}

/** All that decides what a path runs: the file behind it, PATH for a script that searches, and pyenv's global choice. */
function probeKey(file: string, path: string): string {
  const choice = /\/shims\/[^/]+$/.test(file) ? changedAt(`${dirname(dirname(file))}/version`) : "";
  return [file, changedAt(file), path, choice].join("|");
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function packagesChanged({ packageDirs }: PythonProbe): boolean {
  return Object.entries(packageDirs).some(([directory, before]) => changedAt(directory) !== before);
}

const SCRIPT = `
import json, os, site, sys
from importlib.util import find_spec
sys.path.pop(0)
spec = find_spec("boto3")
user = site.getusersitepackages() if site.ENABLE_USER_SITE else None
found = bool(spec and spec.origin)
dirs = [p for p in sys.path if p.endswith("-packages")]
print(json.dumps({
  "file": sys.executable,
  "version": list(sys.version_info[:3]),
  "hasBoto3": found,
  "userBase": site.getuserbase() if found and user and spec.origin.startswith(user) else None,
  "packageDirs": dirs + ([user] if user and user not in dirs else []),
}))
`;

function ask(file: string, { path, home }: ProbeOptions): Promise<PythonProbe | null> {
  const env = { PATH: path, ...(home && { HOME: home }) };
  return new Promise((resolve) => {
    execFile(file, ["-c", SCRIPT], { env, timeout: PROBE_MS_MAX }, (error, stdout) => {
      resolve(error ? null : toProbe(stdout)); // One that fails to answer cannot run functions either.
    });
  });
}

function toProbe(stdout: string): PythonProbe | null {
  const said: unknown = parse(stdout);
  if (!isObject(said)) return null;
  const { file, version, hasBoto3, userBase, packageDirs } = said;
  if (typeof file !== "string" || !Array.isArray(version) || !Array.isArray(packageDirs)) return null;
  const [major, minor, patch] = version.map(Number);
  if (major === undefined || minor === undefined || patch === undefined) return null;
  return {
    file,
    version: [major, minor, patch],
    hasBoto3: hasBoto3 === true,
    userBase: typeof userBase === "string" ? userBase : null,
    packageDirs: Object.fromEntries(packageDirs.map((directory) => [String(directory), changedAt(String(directory))])),
  };
}

function readCache(cacheFile: string | undefined): Map<string, PythonProbe | null> {
  if (cacheFile === undefined || changedAt(cacheFile) === 0) return new Map();
  const kept = parse(readFileSync(cacheFile, "utf8"));
  if (!isObject(kept)) return new Map();
  return new Map(Object.entries(kept).filter(isEntry));
}

function isEntry(entry: [string, unknown]): entry is [string, PythonProbe | null] {
  const [, probe] = entry;
  if (probe === null) return true;
  return (
    isObject(probe) &&
    typeof probe["file"] === "string" &&
    Array.isArray(probe["version"]) &&
    isObject(probe["packageDirs"])
  );
}

function writeCache(answers: ReadonlyMap<string, PythonProbe | null>, { cacheFile, note }: ProbeOptions): void {
  if (cacheFile === undefined) return;
  const youngest = [...answers].slice(-CACHE_ENTRIES_MAX);
  try {
    mkdirSync(dirname(cacheFile), { recursive: true });
    writeFileSync(`${cacheFile}.${process.pid}`, JSON.stringify(Object.fromEntries(youngest)));
    renameSync(`${cacheFile}.${process.pid}`, cacheFile);
  } catch (error) {
    note?.(`what was found of Python is not kept for the next start: ${String(error)}`);
  }
}

/** What JSON says, or undefined for what is not JSON: a file of an earlier form, or a Python that printed something else. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
