import { relative } from "node:path";

/** A path as people read it: relative when it is below the current folder. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" ? "." : short.startsWith("..") ? path : short;
}
