import { join } from "node:path";
import { findNode24 } from "../../packages/cli/bin/node24.mjs";
import { isBuilt } from "../build.mjs";
import { Missing, run } from "./run.mjs";

/** Builds the program, with Node 24, unless it is built from just these sources. */
export function buildProgram({ root, say }) {
  if (isBuilt()) return;
  const built = run(findNode24(root), [join(root, "tools", "build.mjs")], { cwd: root });
  if (!built.ok) throw new Missing(`the program could not be built:\n${built.error}`);
  say("the program is built");
}
