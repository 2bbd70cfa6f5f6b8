import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { findNode24 } from "../../packages/cli/bin/node24.mjs";
import { Missing, run } from "./run.mjs";

/** Installs what package-lock.json names, unless it is there already. No package's install script is run: none needs one. */
export function installPackages({ root, say }) {
  if (isInstalled(root)) return;
  say("installing the workspace's packages");
  const env = { ...process.env, PATH: [dirname(findNode24(root)), process.env.PATH].join(delimiter) };
  const installed = run("npm", ["ci", "--ignore-scripts", "--include=dev", "--no-fund", "--no-audit"], {
    cwd: root,
    env,
  });
  if (!installed.ok) {
    throw new Missing(
      `npm ci failed:\n${installed.error}\nCheck that this machine reaches its npm registry, then run this again.`,
    );
  }
}

/** Compares the lock with npm's own record of what it installed, so an install by hand counts as well. */
function isInstalled(root) {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const installed = lockedPackages(record);
  return Object.entries(lockedPackages(join(root, "package-lock.json"))).every(
    ([path, wanted]) => path === "" || wanted.optional || sameVersion(wanted, installed[path]),
  );
}

function lockedPackages(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

function sameVersion(wanted, installed) {
  const facts = ({ version, integrity, bin }) => JSON.stringify([version, integrity, bin]);
  return installed !== undefined && facts(installed) === facts(wanted);
}
