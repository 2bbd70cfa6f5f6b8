import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { createPythonProbes, type PythonProbe, type PythonProbes } from "./python-probes.ts";

/** What runs a function's code. */
export interface Interpreter {
  /** The executable itself, never a version manager's shim: those cost 23 ms and more at every start. */
  readonly file: string;
  readonly binDir: string;
  /** Such as `3.11.2`. */
  readonly version: string;
  /** Variables that it needs. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface InterpreterMissing {
  /** What is missing and how to get it. */
  readonly missing: string;
}

/** Finds the interpreter for a runtime's name. A promise only when one must be asked what it is. */
export interface Interpreters {
  find(runtime: string): Interpreter | InterpreterMissing | Promise<Interpreter | InterpreterMissing>;
}

export interface InterpreterOptions {
  /** Where to look, as `PATH` gives it. */
  readonly path: string;
  /** Home of the user, where version managers and `pip install --user` keep theirs. */
  readonly home?: string | undefined;
  /** The Python to take whatever is asked for: `PENSTOCK_PYTHON`. */
  readonly python?: string | undefined;
  /** A Python that was set up for the purpose, such as `.venv/bin/python`; taken when the ones of the machine lack boto3. */
  readonly venvPython?: string | undefined;
  /** Executables for names such as `nodejs20.x`; every other Node function runs with the server's own Node. */
  readonly nodes?: Readonly<Record<string, string>> | undefined;
  /** Where to remember what was found, so that the next start needs no look. */
  readonly cacheFile?: string | undefined;
  /** Is told once which interpreter runs a runtime, if it is not exactly the one asked for. */
  readonly note?: ((text: string) => void) | undefined;
}

/** The interpreters by this process's environment: a head start must find the ones that the host finds. */
export function machineInterpreters(
  { cacheDir, python }: { readonly cacheDir?: string | undefined; readonly python?: string | undefined },
  note?: (text: string) => void,
): Interpreters {
  return createInterpreters({
    path: process.env["PATH"] ?? "",
    home: process.env["HOME"],
    python: process.env["PENSTOCK_PYTHON"],
    venvPython: python,
    cacheFile: cacheDir && join(cacheDir, "interpreters.json"),
    note,
  });
}

/** Oldest Python that our runtime works with. */
const OLDEST_MINOR = 6;
/** Newest Python that is looked for by name. */
const NEWEST_MINOR = 19;
/** Most Pythons that are looked at. */
const CANDIDATES_MAX = 48;
/** Most times that a choice is tried anew after looking: at the exact one, then at all others. */
const ROUNDS_MAX = 3;

/**
 * Interpreters of this machine.
 *
 * For Python the exact version comes first, then the nearest, then plain `python3`; but one that can import boto3, which
 * Lambda always can, comes before any that cannot. For Node the server's own is taken, which is there for certain.
 */
export function createInterpreters(options: InterpreterOptions): Interpreters {
  const chosen = new Map<string, Interpreter>();
  let probes: PythonProbes | undefined;

  const remember = (runtime: string, interpreter: Interpreter) => {
    chosen.set(runtime, interpreter);
    return interpreter;
  };
  const findPython = (runtime: string) => {
    probes ??= createPythonProbes(options);
    const choice = choosePython(runtime, probes, options);
    if (choice.type === "look") return lookForPython(runtime, choice.at, probes);
    return choice.type === "missing" ? choice : remember(runtime, choice.interpreter);
  };
  const lookForPython = async (runtime: string, first: readonly string[], known: PythonProbes) => {
    let files = first;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      await Promise.all(files.map((file) => known.look(file)));
      const choice = choosePython(runtime, known, options);
      if (choice.type === "missing") return choice;
      if (choice.type === "found") return remember(runtime, choice.interpreter);
      files = choice.at;
    }
    return pythonMissing(runtime);
  };
  return {
    find(runtime) {
      const known = chosen.get(runtime);
      if (known) return known;
      return runtime.startsWith("nodejs") ? remember(runtime, findNode(runtime, options)) : findPython(runtime);
    },
  };
}

function findNode(runtime: string, { nodes, note }: InterpreterOptions): Interpreter {
  const named = nodes?.[runtime];
  const file = named ?? process.execPath;
  const isExact = named !== undefined || runtime === `nodejs${process.versions.node.split(".")[0]}.x`;
  if (!isExact) note?.(`${runtime} is run by Node ${process.versions.node} (${file})`);
  return { file, binDir: dirname(file), version: named ? runtime : process.versions.node, variables: {} };
}

type Choice =
  | { readonly type: "found"; readonly interpreter: Interpreter }
  | { readonly type: "missing"; readonly missing: string }
  /** These must be looked at before a choice can be made. */
  | { readonly type: "look"; readonly at: readonly string[] };

function choosePython(runtime: string, probes: PythonProbes, options: InterpreterOptions): Choice {
  if (options.python) return chooseNamed(runtime, options.python, probes);
  const minor = minorOf(runtime);
  const exact = minor === undefined ? undefined : onPath(`python3.${minor}`, options.path);
  if (exact) {
    const probe = probes.known(exact);
    if (probe === undefined) return { type: "look", at: [exact] };
    if (probe?.hasBoto3 && probe.version[1] === minor) return { type: "found", interpreter: toInterpreter(probe) };
  }
  const files = candidates(options);
  const unknown = files.filter((file) => probes.known(file) === undefined);
  if (unknown.length > 0) return { type: "look", at: unknown };
  const usable = files.flatMap((file) => probes.known(file) ?? []).filter(isRecentEnough);
  const best = nearest(usable, minor);
  if (!best) return pythonMissing(runtime);
  if (best.version[1] !== minor) options.note?.(noteOn(runtime, best, usable));
  return { type: "found", interpreter: toInterpreter(best) };
}

function chooseNamed(runtime: string, file: string, probes: PythonProbes): Choice {
  const probe = probes.known(file);
  if (probe === undefined) return { type: "look", at: [file] };
  if (probe && isRecentEnough(probe)) return { type: "found", interpreter: toInterpreter(probe) };
  const missing = `PENSTOCK_PYTHON names ${file}, which cannot run ${runtime}: it must be a Python 3.${OLDEST_MINOR} or newer.`;
  return { type: "missing", missing };
}

/** Of equally good ones the first wins. */
function nearest(probes: readonly PythonProbe[], minor: number | undefined): PythonProbe | undefined {
  const distance = (probe: PythonProbe) => (minor === undefined ? 0 : Math.abs(probe.version[1] - minor));
  const rank = (probe: PythonProbe) => (probe.hasBoto3 ? 0 : 1000) + distance(probe);
  return probes.toSorted((a, b) => rank(a) - rank(b))[0];
}

const isRecentEnough = ({ version }: PythonProbe) => version[0] === 3 && version[1] >= OLDEST_MINOR;

function candidates({ path, venvPython }: InterpreterOptions): readonly string[] {
  const names = Array.from({ length: NEWEST_MINOR - OLDEST_MINOR + 1 }, (_, i) => `python3.${NEWEST_MINOR - i}`);
  const files = [...names, "python3"].flatMap((name) => onPath(name, path) ?? []);
  const all = [...files, ...(venvPython && existsSync(venvPython) ? [venvPython] : []), ...installedByPyenv(path)];
  return [...new Set(all)].slice(0, CANDIDATES_MAX);
}

function onPath(name: string, path: string): string | undefined {
  const directories = path.split(":").filter((directory) => directory.startsWith("/"));
  return directories.map((directory) => `${directory}/${name}`).find((file) => existsSync(file));
}

/** A shim of pyenv serves only the versions that are switched on; the others lie beside it. */
function installedByPyenv(path: string): readonly string[] {
  const roots = path.split(":").filter((directory) => directory.endsWith("/shims"));
  return roots.map(dirname).flatMap((root) => {
    const versions = `${root}/versions`;
    const installed = existsSync(versions) ? readdirSync(versions).filter((version) => version.startsWith("3.")) : [];
    return installed.map((version) => `${versions}/${version}/bin/python3`).filter((file) => existsSync(file));
  });
}

function toInterpreter({ file, version, userBase }: PythonProbe): Interpreter {
  const variables = userBase ? { PYTHONUSERBASE: userBase } : {}; // Functions have a home of their own.
  return { file, binDir: dirname(file), version: version.join("."), variables };
}

function noteOn(runtime: string, best: PythonProbe, usable: readonly PythonProbe[]): string {
  const minor = minorOf(runtime);
  const hasExact = usable.some(({ version }) => version[1] === minor);
  const reason = hasExact ? "the exact version cannot import boto3" : "the exact version is not on this machine";
  return `${runtime} is run by Python ${best.version.join(".")} (${best.file}): ${reason}`;
}

function minorOf(runtime: string): number | undefined {
  const minor = /^python3\.(\d+)$/.exec(runtime)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

function pythonMissing(runtime: string): { readonly type: "missing"; readonly missing: string } {
  const missing = `A function with the runtime ${runtime} needs a Python 3, and none was found on PATH. Install Python 3.${OLDEST_MINOR} or newer as python3, or name one in PENSTOCK_PYTHON.`;
  return { type: "missing", missing };
}
