import { readFileSync } from "node:fs";

/** What a process holds. Unit: mebibytes. */
export interface ProcessMemory {
  /** Most that it ever held, files it shares with others included. */
  readonly peakMb: number;
  /** What is its alone now: the part that counts against a function's limit. */
  readonly privateMb: number;
}

/**
 * Reads the memory of a process where the system shows it (Linux); undefined elsewhere, or when it is gone. `sharedMb` is
 * left out of account: what a forked process has of its parent, and no function asked for.
 */
export function readMemory(pid: number | undefined, sharedMb = 0): ProcessMemory | undefined {
  if (pid === undefined || process.platform !== "linux") return undefined;
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return undefined; // The process has just gone.
  }
  const peak = readKib(status, PEAK);
  if (peak === undefined) return undefined; // Gone, but not yet waited for.
  const privateKib = (readKib(status, ANONYMOUS) ?? 0) + (readKib(status, SHARED) ?? 0);
  return { peakMb: Math.ceil(peak / 1024 - sharedMb), privateMb: privateKib / 1024 - sharedMb };
}

const PEAK = /^VmHWM:\s+(\d+)/m;
const ANONYMOUS = /^RssAnon:\s+(\d+)/m;
const SHARED = /^RssShmem:\s+(\d+)/m;

function readKib(status: string, field: RegExp): number | undefined {
  const value = field.exec(status)?.[1];
  return value === undefined ? undefined : Number(value);
}
