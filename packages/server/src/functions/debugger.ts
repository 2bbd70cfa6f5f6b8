import { spawnSync } from "node:child_process";

/** Arguments by which Node waits for a debugger before it runs anything. */
export function nodeDebugger(port: number | undefined): readonly string[] {
  return port === undefined ? [] : [`--inspect-brk=127.0.0.1:${port}`];
}

/** The same for Python, where the debugger is a package of its own. */
export function pythonDebugger(port: number | undefined): readonly string[] {
  return port === undefined
    ? []
    : ["-Xfrozen_modules=off", "-m", "debugpy", "--listen", `127.0.0.1:${port}`, "--wait-for-client"];
}

/** How long a Python may take to say whether it has debugpy. Unit: milliseconds. */
const LOOK_MS_MAX = 20_000;

/**
 * Why a function of this Python cannot be debugged, if so: what to install where. Asked only when somebody debugs, so that
 * it may take its time.
 */
export function debugpyMissing(file: string, cwd: string, env: Readonly<Record<string, string>>): string | undefined {
  const asked = spawnSync(file, ["-c", "import debugpy"], { cwd, env, timeout: LOOK_MS_MAX });
  if (asked.status === 0) return undefined;
  return `The debugger for Python is not installed: ${file} cannot import debugpy. Install it with: ${file} -m pip install debugpy`;
}
