/**
 * Who may import whom, as `STYLE.md` draws it, in data.
 *
 * A module belongs to the first area whose pattern fits its path. An area may import itself and what its rule lists;
 * `type` before a name means its types only.
 */

/**
 * Areas of the tree. `assembly` is what `main.ts` builds a server with; `ground` are the few files that stand beside `main.ts`, which everyone may use: the story, the
 * clock. A service is an area of its own: `services/s3` and `services/kms` are strangers.
 */
export const AREAS: readonly (readonly [pattern: RegExp, area: string])[] = [
  [/^packages\/pipeline\/src\//, "pipeline"],
  [/^packages\/toolkit\/src\//, "toolkit"],
  [/^packages\/cli\/templates\//, "templates"],
  [/^packages\/cli\//, "cli"],
  [/^packages\/console\//, "console"],
  [/^packages\/server\/src\/(index|ahead|capture|checks|why)\.ts$/, "entry"],
  [/^packages\/server\/src\/main\.ts$/, "main"],
  [/^packages\/server\/src\/(server|parts|build-\w+)\.ts$/, "assembly"],
  [/^packages\/server\/src\/[^/]+\.ts$/, "ground"],
  [/^packages\/server\/src\/wire\/(error|operation)\.ts$/, "wire/operation"],
  [/^packages\/server\/src\/engine\/providers\//, "providers"],
  [/^packages\/server\/src\/(services\/[^/]+)\//, "$1"],
  [/^packages\/server\/src\/([^/]+)\//, "$1"],
  [/^packages\/server\/(simulation)\//, "$1"],
];

const FOUNDATIONS = ["ground", "archive", "wire/operation"];
const NEIGHBOURS = ["functions", "objects", "identity", "keys"];
const SERVICE = ["engine", "wire", "store", "identity", "type pipeline", ...FOUNDATIONS];

/** What each area may import beside itself. `*` is everything of ours; an area without a rule may import nothing. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  pipeline: [],
  toolkit: [],
  archive: [],
  ground: [],
  "wire/operation": ["type wire"],
  wire: ["wire/operation"],
  store: ["type pipeline", ...FOUNDATIONS],
  functions: ["store", ...FOUNDATIONS],
  objects: ["store", "type keys", ...FOUNDATIONS],
  identity: ["store", ...FOUNDATIONS],
  keys: ["store", ...FOUNDATIONS],
  logs: ["store", ...FOUNDATIONS],
  engine: ["pipeline", "store", "providers", "type toolkit", ...FOUNDATIONS],
  providers: ["engine", "pipeline", "store", "type toolkit", ...NEIGHBOURS, ...FOUNDATIONS],
  capture: ["engine", "providers", "store", "type functions", "type objects", ...FOUNDATIONS],
  why: ["type store", "type functions", "ground"],
  inspector: ["engine", "pipeline", "store", "why", "wire", ...FOUNDATIONS],
  "services/codepipeline": [...SERVICE, "pipeline", "providers"],
  "services/lambda": [...SERVICE, "functions"],
  "services/s3": [...SERVICE, "objects", "type keys"],
  "services/sts": SERVICE,
  "services/iam": SERVICE,
  "services/kms": [...SERVICE, "keys"],
  "services/logs": [...SERVICE, "logs"],
  main: ["*"],
  assembly: ["*"],
  entry: ["*"],
  simulation: ["*"],
  cli: ["pipeline", "entry"],
  templates: ["toolkit"],
  console: ["pipeline", "entry"],
};

/** Packages of the workspace by the name under which others import them, with the area that the name enters. */
export const PACKAGE_ENTRIES: Readonly<Record<string, string>> = {
  "@penstock/pipeline": "pipeline",
  "@penstock/server": "entry",
  "@penstock/server/ahead": "entry",
  "@penstock/server/capture": "entry",
  "@penstock/server/checks": "entry",
  "@penstock/server/why": "entry",
  "@penstock/toolkit": "toolkit",
  "@penstock/toolkit/testing": "toolkit",
  penstock: "cli",
};

/** One `import`, `export … from` or `import()` of a module. */
export interface ModuleImport {
  readonly specifier: string;
  readonly typesOnly: boolean;
}

const STATIC_IMPORT = /^(?:import|export)\s+(type\s)?(?:[\w*{][^"'`;()=]*?\bfrom\s*)?["']([^"']+)["']/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*["']([^"']+)["']/g;

/** Reads the imports of a source. Static ones stand at the start of a line, where the formatter puts them. */
export function importsOf(source: string): readonly ModuleImport[] {
  const fixed = [...source.matchAll(STATIC_IMPORT)].map(([, type, specifier = ""]) => ({
    specifier,
    typesOnly: type !== undefined,
  }));
  const lazy = [...source.matchAll(DYNAMIC_IMPORT)].map(([, specifier = ""]) => ({ specifier, typesOnly: false }));
  return [...fixed, ...lazy];
}

/** The area that a file of the workspace belongs to; undefined for one that no pattern knows. */
export function areaOf(path: string): string | undefined {
  for (const [pattern, area] of AREAS) {
    const match = pattern.exec(path);
    if (match) return area.replace("$1", match[1] ?? "");
  }
  return undefined;
}

/** Whether a file is a test or only for tests; such a file may import what it likes, and nothing else may import it. */
export function isForTests(path: string): boolean {
  return /\.(test|contract|scripted)\.ts$/.test(path) || /\/testing\//.test(path);
}

/**
 * Says what is wrong with one import, or nothing. `operations` are the files that declare an API operation.
 *
 * Paths are relative to the workspace, with forward slashes.
 */
export function complaint(from: string, found: ModuleImport, operations: ReadonlySet<string>): string | undefined {
  const { specifier } = found;
  if (!specifier.startsWith(".")) {
    const entered = PACKAGE_ENTRIES[specifier];
    if (entered !== undefined) return isForTests(from) ? undefined : betweenAreas(from, entered, found);
    if (/^@?penstock\b/.test(specifier)) return `${specifier} reaches into a package; import its name alone`;
    return undefined; // A library or a built-in.
  }
  const to = new URL(specifier, `file:///${from}`).pathname.slice(1);
  if (isForTests(to) && !isForTests(from)) return `${to} is for tests`;
  if (isForTests(from)) return undefined;
  if (packageOf(to) !== packageOf(from)) return `${to} is in another package; import that by its name`;
  if (areaOf(to) === "main" && areaOf(from) !== "entry") return "nobody imports main.ts";
  if (operations.has(to) && !from.endsWith("/operations.ts"))
    return `${to} is an operation; only operations.ts imports it`;
  return betweenAreas(from, areaOf(to) ?? "no area", found);
}

function packageOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

function betweenAreas(from: string, to: string, { typesOnly }: ModuleImport): string | undefined {
  const area = areaOf(from) ?? "no area";
  const allowed = MAY_IMPORT[area] ?? [];
  if (to === area || allowed.includes(to) || allowed.includes("*")) return undefined;
  if (!allowed.includes(`type ${to}`)) return `${area} may not import ${to}`;
  return typesOnly ? undefined : `${area} may import only types of ${to}`;
}
