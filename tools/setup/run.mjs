import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Something that set-up could not bring. The message says what to install. */
export class Missing extends Error {}

const ERROR_LINES_MAX = 6;

/** Runs a program to its end: `{ ok, stdout, error }`, where `error` is the beginning of what it complained, fit to be shown. */
export function run(program, args, { cwd, env, timeoutMs = 15 * 60_000 } = {}) {
  const ended = spawnSync(program, args, {
    cwd,
    env,
    timeout: timeoutMs,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (ended.error) return { ok: false, stdout: "", error: ended.error.message };
  return {
    ok: ended.status === 0,
    stdout: ended.stdout,
    error: withoutHosts(firstLines(ended.stderr || ended.stdout)),
  };
}

/** Every program of PATH whose name fits, in PATH's order, as absolute paths. */
export function programsOnPath(fits) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const found = folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => fits.test(name))
      .map((name) => join(folder, name)),
  );
  return [...new Set(found)].filter(isExecutable);
}

/** The first answer that `look` gives, without looking further: each look starts a program. */
export function firstAnswer(places, look) {
  for (const place of places) {
    const answer = look(place);
    if (answer) return answer;
  }
  return undefined;
}

/** Installs Debian packages where that is possible: as root, on a machine with apt. Answers whether it did. */
export function aptInstall(packages, say) {
  if (process.getuid?.() !== 0 || programsOnPath(/^apt-get$/).length === 0) return false;
  say(`installing ${packages.join(" and ")} from the system's packages`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // An update that fails is no reason to stop: the lists may be there already.
  run("apt-get", ["update", "-qq"], { env });
  return run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env }).ok;
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // PATH often names folders that are not there.
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function firstLines(text) {
  return text.trim().split("\n").slice(0, ERROR_LINES_MAX).join("\n");
}

/** Mirrors and registries differ from machine to machine; what went wrong does not depend on their names. */
function withoutHosts(text) {
  return text
    .replace(/https?:\/\/[^\s/'"]+/g, "the registry")
    .replace(/\b[\w-]+(\.[\w-]+)*\.(org|com|net|io)\b/g, "the registry");
}
