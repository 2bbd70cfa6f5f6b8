import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that lasts as long as a piece of work. */
export interface ThrowAwayFolder {
  readonly path: string;
  remove(): void;
}

/** Makes one that only this user may look into. It is removed too when the process is made to leave early. */
export function throwAwayFolder(): ThrowAwayFolder {
  const path = mkdtempSync(join(tmpdir(), "penstock-"));
  const removeNow = () => rmSync(path, { recursive: true, force: true });
  process.once("exit", removeNow);
  return {
    path,
    remove: () => {
      process.off("exit", removeNow);
      removeNow();
    },
  };
}
