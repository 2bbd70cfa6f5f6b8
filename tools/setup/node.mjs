import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findNode24, isNewEnough } from "../../packages/cli/bin/node24.mjs";
import { Missing, run } from "./run.mjs";

/** Brings Node 24 into `.tools/node` when the running Node is older. It is a package like any other, without an install script. */
export function bringNode({ root, say }) {
  if (findNode24(root)) return;
  say(`this is Node ${process.versions.node}; bringing Node 24 into .tools/node`);
  const name = `node-${process.platform}-${process.arch}`;
  const tools = join(root, ".tools");
  mkdirSync(tools, { recursive: true });
  const folder = mkdtempSync(join(tools, "fetch-"));
  try {
    const fetched = run("npm", ["install", "--prefix", folder, "--no-save", "--ignore-scripts", `${name}@24`], {
      cwd: folder,
    });
    if (!fetched.ok) throw new Missing(remedy(`npm could not bring the package ${name}@24:\n${fetched.error}`));
    const package_ = join(folder, "node_modules", name);
    const version = run(join(package_, "bin", "node"), ["--version"]).stdout.trim();
    if (!isNewEnough(version.slice(1)))
      throw new Missing(remedy(`the package ${name}@24 does not run on this machine`));
    rmSync(join(tools, "node"), { recursive: true, force: true });
    renameSync(package_, join(tools, "node"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function remedy(cause) {
  return `${cause}\nInstall Node 24 or newer yourself (nodejs.org, a version manager or your system's packages), then run this again.`;
}
