import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createInterpreters, type Interpreter, type InterpreterOptions } from "./interpreters.ts";

let folder: string;
let bin: string;
let notes: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "penstock-interpreters-"));
  bin = join(folder, "bin");
  mkdirSync(bin);
  notes = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that answers like a Python of that version, and counts how often it was asked. */
function python(name: string, minor: number, { boto3 = false, file = join(bin, name), packages = "" } = {}) {
  const said = {
    file: join(folder, "real", `python3.${minor}`),
    version: [3, minor, 1],
    hasBoto3: boto3,
    userBase: null,
    packageDirs: packages ? [packages] : [],
  };
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(
    file,
    `#!/bin/sh\necho asked >> ${join(folder, `asked-${name}`)}\ncat <<'SAID'\n${JSON.stringify(said)}\nSAID\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

const timesAsked = (name: string) => {
  const file = join(folder, `asked-${name}`);
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").length : 0;
};

/** `cat` is needed by the programs above, so its folder comes last; no Python is taken from it. */
const make = (options: Partial<InterpreterOptions> = {}) =>
  createInterpreters({ path: `${bin}:/bin`, note: (text) => notes.push(text), python: undefined, ...options });

async function find(runtime: string, options: Partial<InterpreterOptions> = {}): Promise<string> {
  const found = await make(options).find(runtime);
  return "missing" in found ? found.missing : found.version;
}

describe("which Python runs a function", () => {
  // names on PATH, with * where boto3 can be imported | asked for | taken
  const table = `
    3.11* 3.12*      | python3.12 | 3.12
    3.11* 3.12       | python3.12 | 3.11
    3.11  3.12       | python3.12 | 3.12
    3.9*  3.11*      | python3.12 | 3.11
    3.9*  3.13*      | python3.12 | 3.13
    3.8*  3.11       | python3.11 | 3.8
    3.7              | python3.12 | 3.7
  `;
  test.each(
    table
      .trim()
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim())),
  )("of %s for %s it is %s", async (names = "", runtime = "", taken = "") => {
    for (const name of names.split(/\s+/)) {
      const minor = Number(name.replace("*", "").split(".")[1]);
      python(`python3.${minor}`, minor, { boto3: name.endsWith("*") });
    }
    // The machine's own are further away than any of these, or lack boto3; a far `python3` must not win.
    python("python3", 6);
    expect(await find(runtime, { path: `${bin}:${noPythons()}` })).toBe(`${taken}.1`);
  });

  test("plain python3 is taken when no other is there", async () => {
    python("python3", 10);
    expect(await find("python3.12", { path: `${bin}:${noPythons()}` })).toBe("3.10.1");
  });

  test("the one that set-up made is taken when none of the machine's can import boto3", async () => {
    python("python3.12", 12);
    const venvPython = python("venv", 11, { boto3: true, file: join(folder, "venv/bin/python") });
    expect(await find("python3.12", { path: `${bin}:${noPythons()}`, venvPython })).toBe("3.11.1");
    expect(notes).toEqual([expect.stringMatching(/^python3\.12 is run by Python 3\.11\.1 .*cannot import boto3$/)]);
  });

  test("the one that is named is taken whatever is asked for, and nothing else is looked at", async () => {
    python("python3.12", 12, { boto3: true });
    const named = python("named", 9, { file: join(folder, "named") });
    expect(await find("python3.12", { python: named })).toBe("3.9.1");
    expect(timesAsked("python3.12")).toBe(0);
  });

  test("one that is too old, or no Python at all, is told by name", async () => {
    const old = python("old", 5, { file: join(folder, "old") });
    expect(await find("python3.12", { python: old })).toContain(`PENSTOCK_PYTHON names ${old}`);
    expect(await find("python3.12", { python: "/bin/ls" })).toContain("PENSTOCK_PYTHON names /bin/ls");
    expect(await find("python3.12", { python: join(folder, "nothing") })).toContain("must be a Python 3.6 or newer");
  });

  test("a shim that stands for nothing is passed over; what pyenv keeps beside its shims is found", async () => {
    const shims = join(folder, "pyenv/shims");
    mkdirSync(shims, { recursive: true });
    writeFileSync(join(shims, "python3.12"), "#!/bin/sh\nexit 127\n", { mode: 0o755 });
    python("kept", 12, { boto3: true, file: join(folder, "pyenv/versions/3.12.1/bin/python3") });
    expect(await find("python3.12", { path: `${shims}:${noPythons()}` })).toBe("3.12.1");
  });

  test("the executable itself is taken, not the shim", async () => {
    python("python3.12", 12, { boto3: true });
    const found = (await make().find("python3.12")) as Interpreter; // It is there, so it is not missing.
    expect(found.file).toBe(join(folder, "real/python3.12"));
    expect(found.binDir).toBe(join(folder, "real"));
  });
});

/** A folder with what the programs need and no Python. */
function noPythons(): string {
  const tools = join(folder, "tools");
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, "cat"), '#!/bin/sh\nexec /bin/cat "$@"\n', { mode: 0o755 });
  return tools;
}

describe("what is remembered", () => {
  const cacheFile = () => join(folder, "cache/pythons.json");

  test("the next start asks nobody, and has its answer at once", async () => {
    python("python3.12", 12, { boto3: true });
    await make({ cacheFile: cacheFile() }).find("python3.12");
    const again = make({ cacheFile: cacheFile() }).find("python3.12");
    expect(again).toMatchObject({ version: "3.12.1" });
    expect(timesAsked("python3.12")).toBe(1);
  });

  test("a changed executable is asked again", async () => {
    const file = python("python3.12", 12, { boto3: true });
    await make({ cacheFile: cacheFile() }).find("python3.12");
    utimesSync(file, 1, 1);
    await make({ cacheFile: cacheFile() }).find("python3.12");
    expect(timesAsked("python3.12")).toBe(2);
  });

  test("one without boto3 is asked again when its packages changed", async () => {
    const packages = join(folder, "site-packages");
    mkdirSync(packages);
    const named = python("named", 12, { file: join(folder, "named"), packages });
    await make({ cacheFile: cacheFile(), python: named }).find("python3.12");
    await make({ cacheFile: cacheFile(), python: named }).find("python3.12");
    expect(timesAsked("named")).toBe(1);
    utimesSync(packages, 1, 1);
    await make({ cacheFile: cacheFile(), python: named }).find("python3.12");
    expect(timesAsked("named")).toBe(2);
  });

  test.each(["not json", "[]", '{"a":7}', '{"a":{"file":1}}'])(
    "a file that says %s is as good as none",
    async (text) => {
      python("python3.12", 12, { boto3: true });
      mkdirSync(join(folder, "cache"));
      writeFileSync(cacheFile(), text);
      expect(await find("python3.12", { cacheFile: cacheFile() })).toBe("3.12.1");
    },
  );

  test("a file that cannot be written is told, and harms nothing", async () => {
    python("python3.12", 12, { boto3: true });
    writeFileSync(join(folder, "cache"), "a file where a folder should be");
    expect(await find("python3.12", { cacheFile: cacheFile() })).toBe("3.12.1");
    expect(notes).toEqual([expect.stringContaining("is not kept for the next start")]);
  });
});

describe("Node", () => {
  test("the server's own runs every version, with a note where it is another", async () => {
    const interpreters = make();
    expect(interpreters.find("nodejs18.x")).toMatchObject({ file: process.execPath, version: process.versions.node });
    interpreters.find("nodejs18.x");
    interpreters.find(`nodejs${process.versions.node.split(".")[0]}.x`);
    expect(notes).toEqual([`nodejs18.x is run by Node ${process.versions.node} (${process.execPath})`]);
  });

  test("one that is named for a version is taken for it", () => {
    expect(make({ nodes: { "nodejs20.x": "/opt/node20/bin/node" } }).find("nodejs20.x")).toMatchObject({
      file: "/opt/node20/bin/node",
      binDir: "/opt/node20/bin",
    });
  });
});
