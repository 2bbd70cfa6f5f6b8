/**
 * Doing what a page says, as its reader would: in one shell, in one folder, block after block.
 *
 * The whole page becomes one bash script, in which a mark follows every command; what stands between two marks is a
 * command's output. Port 4566 is exchanged for a free one, and the folder's place for `/tmp/example`.
 */
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Registry } from "../../tools/testing/registry.ts";
import type { Block } from "./page.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SHOWN_PORT = "4566";
/** Where the page says that the reader is. */
const SHOWN_FOLDER = "/tmp/example";
const TERMINAL = ["110", "60"];
const READY = "is ready on";

/** What one command did. */
export interface Done {
  /** Of the command, or of the block for one that is not shown. */
  readonly line: number;
  readonly output: readonly string[];
  readonly status: number;
}

/** What the reader of a page begins with: Penstock at hand and files of the repository, or npm with a registry. */
export type Start = { readonly files: readonly string[] } | { readonly registry: Registry };

/** Runs a page. Answers what was done, up to where the shell gave up. */
export async function runPage(blocks: readonly Block[], start: Start): Promise<readonly Done[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "penstock-docs-")));
  try {
    const place = join(folder, "example");
    mkdirSync(place);
    const files = "files" in start ? start.files : [];
    for (const name of files) cpSync(join(ROOT, name), join(place, name), { recursive: true, filter: isSource });
    const port = String(await freePort());
    const environment = prepare(folder, port);
    if ("registry" in start) Object.assign(environment, npmOf(start.registry));
    else putAtHand(folder, place);
    const printed = await runBash(scriptOf(blocks, port), place, environment);
    return readMarks(
      printed
        .replaceAll(place, SHOWN_FOLDER)
        .replaceAll(ROOT, `${SHOWN_FOLDER}/`)
        .replaceAll(`:${port}`, `:${SHOWN_PORT}`)
        .replaceAll(`Port ${port}`, `Port ${SHOWN_PORT}`),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isSource(path: string): boolean {
  return !/\/(__pycache__|node_modules)$/.test(path);
}

/** Penstock as a program, npx in a folder with it, and packages that a function may import. */
function putAtHand(folder: string, place: string): void {
  const packages = join(place, "node_modules");
  mkdirSync(join(packages, ".bin"), { recursive: true });
  const penstock = join(ROOT, "packages/cli/bin/penstock.mjs");
  for (const dir of [join(folder, "bin"), join(packages, ".bin")]) symlinkSync(penstock, join(dir, "penstock"));
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(join(ROOT, "node_modules", name), join(packages, name));
  }
}

function npmOf({ environment }: Registry): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith("npm_")));
}

/** The programs that every reader has: the AWS CLI, and a Python with boto3. */
function prepare(folder: string, port: string): NodeJS.ProcessEnv {
  const programs = join(folder, "bin");
  mkdirSync(programs);
  for (const [name, note] of [
    ["python3", "python.json"],
    ["aws", "aws.json"],
  ] as const) {
    const program = noted(note);
    if (program) writeFileSync(join(programs, name), `#!/bin/sh\nexec '${program}' "$@"\n`, { mode: 0o755 });
  }
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PENSTOCK_|AWS_|FORCE_COLOR$|VITEST|NODE_)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: [programs, dirname(process.execPath), process.env["PATH"]].join(delimiter),
    PENSTOCK_PORT: port,
    ...(process.env["PENSTOCK_PYTHON"] ? { PENSTOCK_PYTHON: process.env["PENSTOCK_PYTHON"] } : {}),
    NO_COLOR: "1",
    npm_config_progress: "false",
    npm_config_update_notifier: "false",
    AWS_CONFIG_FILE: join(folder, "no-config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "no-credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    DOCS_TERMINAL: join(ROOT, "docs/testing/terminal.py"),
  };
}

/** A program that set-up has noted. */
function noted(note: string): string | undefined {
  const file = join(ROOT, ".tools", note);
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { executable?: string }).executable; // set-up wrote it
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

function scriptOf(blocks: readonly Block[], port: string): string {
  const pieces = blocks.map((block) => pieceOf(block).replaceAll(SHOWN_PORT, port));
  return [
    "exec 2>&1 </dev/null",
    "status=0 started=",
    ...pieces,
    '[ -z "$started" ] || { kill $started; wait $started; }',
    "",
  ].join("\n");
}

function pieceOf(block: Block): string {
  switch (block.type) {
    case "commands":
      return marked(block.line, block.text);
    case "file":
      return marked(
        block.line,
        `mkdir -p "$(dirname '${block.name}')" && cat > '${block.name}' <<'END OF FILE'\n${block.text}END OF FILE`,
      );
    case "console":
      return block.exchanges.map(({ line, command }) => marked(line, asked(command, block.how))).join("\n");
    default:
      return "";
  }
}

function asked(command: string, how: "plain" | "terminal" | "background"): string {
  if (how === "plain") return command;
  if (how === "terminal") return `python3 "$DOCS_TERMINAL" ${TERMINAL.join(" ")} ${command}`;
  // Read up to the line that says that it is ready, and let the rest flow off.
  return [
    `exec 4< <(exec ${command} 2>&1)`,
    'started="$! $started"',
    `while read -r line <&4; do printf '%s\\n' "$line"; [[ $line == *'${READY}'* ]] && break; done`,
    "cat <&4 >/dev/null &",
    "exec 4<&-",
  ].join("\n");
}

const MARK = "@@done";

/** The last status is put back before the command, so that `echo $?` works as on a command line. */
function marked(line: number, command: string): string {
  return `(exit $status)\n${command}\nstatus=$?; printf '\\n${MARK} ${line} %d\\n' $status`;
}

function readMarks(printed: string): readonly Done[] {
  const done: Done[] = [];
  let output: string[] = [];
  for (const line of printed.split("\n")) {
    const [, at, status] = new RegExp(`^${MARK} (\\d+) (\\d+)$`).exec(line) ?? [];
    if (at === undefined) {
      output.push(line);
      continue;
    }
    done.push({ line: Number(at), output: withoutEmptyEnds(output), status: Number(status) });
    output = [];
  }
  return done;
}

function withoutEmptyEnds(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line !== "");
  const last = lines.findLastIndex((line) => line !== "");
  return first < 0 ? [] : lines.slice(first, last + 1);
}

function runBash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-c", script], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
    const pieces: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
    child.on("error", reject);
    child.on("close", () => resolve(Buffer.concat(pieces).toString("utf8")));
  });
}
