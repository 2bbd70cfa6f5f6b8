import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptInstall, firstAnswer, Missing, programsOnPath, run } from "./run.mjs";

const PROBE = `
import json, sys
assert sys.version_info >= (3, 9)
try:
    import boto3
    boto3_version = boto3.__version__
except ImportError:
    boto3_version = None
version = ".".join(str(part) for part in sys.version_info[:3])
print(json.dumps({"executable": sys.executable, "version": version, "boto3": boto3_version}))
`;

/**
 * Finds a Python 3.9 or newer with boto3 for functions written in it, and notes it in `.tools/python.json` as
 * `{ executable, version, boto3 }`. The executable is the interpreter itself, not a version manager's shim.
 */
export function findPython({ root, say }) {
  const note = join(root, ".tools", "python.json");
  if (isStillThere(note)) return;
  const python = onThisMachine(root) ?? inVirtualEnvironment(root, say) ?? fromDebian(say);
  if (!python) {
    throw new Missing(
      "no Python 3.9 or newer with boto3, and it could not be brought.\n" +
        "Install both, on Debian or Ubuntu with: apt-get install python3 python3-boto3\n" +
        "or elsewhere with: python3 -m pip install boto3. Then run this again.",
    );
  }
  say(`functions in Python run on Python ${python.version} with boto3 ${python.boto3}`);
  mkdirSync(join(root, ".tools"), { recursive: true });
  writeFileSync(`${note}.new`, `${JSON.stringify(python, null, 2)}\n`);
  renameSync(`${note}.new`, note);
}

function isStillThere(note) {
  return existsSync(note) && existsSync(JSON.parse(readFileSync(note, "utf8")).executable);
}

function onThisMachine(root) {
  return firstAnswer([join(root, ".venv", "bin", "python3"), ...interpreters()], (interpreter) => {
    const python = probe(interpreter);
    return python?.boto3 ? python : undefined;
  });
}

/** `python3` first, because it is what the machine's owner chose; then the newer ones before the older. */
function interpreters() {
  const plain = programsOnPath(/^python3$/);
  const numbered = programsOnPath(/^python3\.\d+$/);
  return [...plain, ...numbered.sort((a, b) => minorOf(b) - minorOf(a))];
}

function minorOf(path) {
  return Number(path.slice(path.lastIndexOf(".") + 1));
}

function probe(interpreter) {
  const { ok, stdout } = run(interpreter, ["-c", PROBE], { timeoutMs: 60_000 });
  return ok ? JSON.parse(stdout) : undefined;
}

function inVirtualEnvironment(root, say) {
  const base = firstAnswer(interpreters(), probe);
  if (!base) return undefined;
  say("no Python here has boto3; bringing it into .venv");
  const folder = join(root, ".venv");
  const python = join(folder, "bin", "python3");
  const pip = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--retries",
    "1",
    "--timeout",
    "15",
    "boto3",
  ];
  const made = run(base.executable, ["-m", "venv", folder]).ok && run(python, pip).ok ? probe(python) : undefined;
  if (!made) rmSync(folder, { recursive: true, force: true });
  return made;
}

function fromDebian(say) {
  if (!aptInstall(["python3", "python3-boto3"], say)) return undefined;
  // The system's own interpreter is the one that apt installs for, whatever stands before it on PATH.
  const python = probe("/usr/bin/python3");
  return python?.boto3 ? python : undefined;
}
