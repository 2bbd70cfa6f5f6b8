import type { Readable } from "node:stream";
import type { Invocation } from "./host.ts";
import { createLineLimiter, createLineSplitter, type LineSplitter } from "./line-splitter.ts";
import { endLine, type Report, reportLine, startLine } from "./log-text.ts";

/**
 * Where the lines of one environment go: to the invocation in hand, or, while there is none, to the next one.
 * So what a function writes while it starts is told to its first invocation, before `START`.
 */
export interface EnvironmentLog {
  /** Follows what a process writes. */
  follow(stream: Readable): void;
  /** From here on lines go to this invocation. */
  open(invocation: Invocation, version: string): void;
  write(line: string): void;
  /** Hands over what is there, then `END` and `REPORT`; from here on lines wait for the next invocation. */
  close(report: Omit<Report, "requestId">): void;
  /** Takes the lines that no invocation was told. */
  take(): readonly string[];
}

/** Most lines that are kept until an invocation comes that they can go to. */
const WAITING_LINES_MAX = 1000;

export function createEnvironmentLog(): EnvironmentLog {
  let invocation: Invocation | undefined;
  let waiting: string[] = [];
  const splitters: LineSplitter[] = [];

  const write = (line: string) => {
    if (invocation) invocation.onLine?.(line);
    else if (waiting.length < WAITING_LINES_MAX) waiting.push(line);
  };
  const limiter = createLineLimiter(write, () => performance.now());
  const flush = () => {
    for (const splitter of splitters) splitter.flush();
    limiter.flush();
  };
  const take = () => {
    flush();
    const taken = waiting;
    if (taken.length > 0) waiting = [];
    return taken;
  };
  return {
    write,
    take,
    follow(stream) {
      const splitter = createLineSplitter(limiter);
      splitters.push(splitter);
      stream.on("data", (chunk: Buffer) => splitter.push(chunk));
    },
    open(next, version) {
      const lines = take();
      invocation = next;
      if (!next.onLine) return;
      for (const line of lines) write(line);
      write(startLine(next.requestId, version));
    },
    close(report) {
      flush();
      if (invocation?.onLine) {
        write(endLine(invocation.requestId));
        write(reportLine({ ...report, requestId: invocation.requestId }));
      }
      invocation = undefined;
    },
  };
}
