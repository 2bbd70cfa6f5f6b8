import type { Readable } from "node:stream";
import type { FunctionError, Invocation } from "./host.ts";
import { createLineLimiter, createLineSplitter, type LineSplitter } from "./line-splitter.ts";
import { endLine, type Report, reportLine, startLine } from "./log-text.ts";
import { createMask, type Mask } from "./mask.ts";

/**
 * Where the lines of one environment go: to its log stream at once, and to the invocation in hand, or, while there is
 * none, to the next one. So what a function writes while it starts is told to its first invocation, before `START`.
 *
 * Here, and only here, live credentials are masked: those of the process and those of the invocation in hand.
 */
export interface EnvironmentLog {
  /** The name of its stream. */
  readonly stream: string;
  /** Secrets of the process, which are shown nowhere. */
  hide(secrets: readonly string[]): void;
  /** Follows what a process writes. */
  follow(stream: Readable): void;
  /** From here on lines go to this invocation. */
  open(invocation: Invocation, version: string): void;
  write(line: string): void;
  /** As `write`, for the log stream alone. */
  record(line: string): void;
  /** Hands over what is there, then `END` and `REPORT`; from here on lines wait for the next invocation. */
  close(report: Omit<Report, "requestId">): void;
  /** Takes the lines that no invocation was told. */
  take(): UntoldLines;
  /** Hides the secrets of the process, and of the invocation in hand. */
  mask(): Mask;
}

/** Lines that belong to no invocation yet; `hasSecret` if one of them had a secret. */
export interface UntoldLines {
  readonly lines: readonly string[];
  readonly hasSecret: boolean;
}

/** Takes one line for the log stream; `at` is epoch milliseconds. */
export type RecordLine = (line: string, at: number) => void;

/** Most lines that are kept until an invocation comes that they can go to. */
const WAITING_LINES_MAX = 1000;

const nothingHidden: Mask = (text) => text;

/** `record` gets every line with its time by `now`; nothing is recorded without it. */
export function createEnvironmentLog(
  stream: string,
  record: RecordLine | undefined,
  now: () => number,
): EnvironmentLog {
  let invocation: Invocation | undefined;
  let waiting: string[] = [];
  let hasSecret = false;
  let ofProcess = nothingHidden;
  let ofInvocation = nothingHidden;
  const splitters: LineSplitter[] = [];

  const tell = (line: string) => {
    record?.(line, now());
    if (invocation) invocation.onLine?.(line);
    else if (waiting.length < WAITING_LINES_MAX) waiting.push(line);
  };
  const write = (line: string) => {
    const shown = ofInvocation(ofProcess(line));
    tell(shown);
    if (shown === line) return;
    if (invocation) invocation.onSecret?.();
    else hasSecret = true;
  };
  const limiter = createLineLimiter(write, () => performance.now());
  const flush = () => {
    for (const splitter of splitters) splitter.flush();
    limiter.flush();
  };
  const take = (): UntoldLines => {
    flush();
    const taken = { lines: waiting, hasSecret };
    if (waiting.length > 0) waiting = [];
    hasSecret = false;
    return taken;
  };
  return {
    stream,
    write,
    take,
    record: (line) => record?.(line, now()),
    hide(secrets) {
      ofProcess = createMask(secrets);
    },
    mask() {
      const [first, second] = [ofProcess, ofInvocation];
      return (text) => second(first(text));
    },
    follow(stream) {
      const splitter = createLineSplitter(limiter);
      splitters.push(splitter);
      stream.on("data", (chunk: Buffer) => splitter.push(chunk));
    },
    open(next, version) {
      const untold = take();
      invocation = next;
      if (next.secrets) ofInvocation = createMask(next.secrets);
      for (const line of untold.lines) next.onLine?.(line);
      if (untold.hasSecret) next.onSecret?.();
      if (record || next.onLine) tell(startLine(next.requestId, version));
    },
    close(report) {
      flush();
      if (invocation && (record || invocation.onLine)) {
        tell(endLine(invocation.requestId));
        tell(reportLine({ ...report, requestId: invocation.requestId }));
      }
      invocation = undefined;
      ofInvocation = nothingHidden;
    },
  };
}

/** An error as it may be shown. */
export function maskedError({ errorType, errorMessage, stackTrace }: FunctionError, mask: Mask): FunctionError {
  return { errorType, errorMessage: mask(errorMessage), stackTrace: stackTrace.map(mask) };
}
