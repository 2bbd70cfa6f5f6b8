import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { basename } from "node:path";

/** What was counted in one stretch of a process. */
export interface Counts {
  /** Of the engine, by what they were for. */
  readonly commits: readonly string[];
  /** HTTP requests that came, over TCP or over a socket that a function inherited. */
  readonly requests: readonly string[];
  /** Processes that were started. */
  readonly spawns: number;
  /** Timers that were set for one time, by the file that set them. */
  readonly timers: Readonly<Record<string, number>>;
  /** Timers that come again and again, by the file that set them. */
  readonly intervals: Readonly<Record<string, number>>;
  /** How often a timer of the store's came to its end, which is a commit of what nobody waits for. */
  readonly ownCommitsOfDeferred: number;
}

/** Executions that are counted. What the machine's load adds to one, it does not add to all. */
export const COUNTED_COUNT = 5;
/** Folders that are not there, by whose removal a trace shows where counting begins and ends. */
export const MARKS = { begin: "penstock-counting-begins", end: "penstock-counting-ends" } as const;

export interface Counters {
  noteMoment(moment: string): void;
  reset(): void;
  read(): Counts;
}

const STORE = "sqlite-store.ts";

/** Begins to count what this process does, by what Node itself tells and by standing in for its timers. */
export function createCounters(): Counters {
  let counts = nothing();
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage }; // as Node documents this channel
    counts.requests.push(nameOf(request));
  });
  subscribe("child_process", () => {
    counts.spawns += 1;
  });
  const { setTimeout: later, setInterval: again } = globalThis;
  const ofTimer = <A extends unknown[]>(run: (...args: A) => void, file: string) => {
    if (file !== STORE) return run;
    return (...args: A) => {
      counts.ownCommitsOfDeferred += 1;
      run(...args);
    };
  };
  const standIns = {
    setTimeout: (run: () => void, ms?: number, ...args: []) => {
      const file = callerFile();
      add(counts.timers, file);
      return later(ofTimer(run, file), ms, ...args);
    },
    setInterval: (run: () => void, ms?: number, ...args: []) => {
      add(counts.intervals, callerFile());
      return again(run, ms, ...args);
    },
  };
  Object.assign(globalThis, standIns);
  return {
    noteMoment: (moment) => void (moment.endsWith(".committed") && counts.commits.push(moment)),
    reset: () => {
      counts = nothing();
    },
    read: () => structuredClone(counts),
  };
}

function nothing() {
  return {
    commits: [] as string[],
    requests: [] as string[],
    spawns: 0,
    timers: {} as Record<string, number>,
    intervals: {} as Record<string, number>,
    ownCommitsOfDeferred: 0,
  };
}

function add(counted: Record<string, number>, name: string): void {
  counted[name] = (counted[name] ?? 0) + 1;
}

/** The operation of an API, or the last word of a path of the Runtime API. */
function nameOf({ headers, url }: IncomingMessage): string {
  const target = headers["x-amz-target"];
  return String(target ?? url).replace(/^.*[./]/, "");
}

/** The file of the source that called the caller of this. */
function callerFile(): string {
  const line = new Error().stack?.split("\n")[3] ?? "";
  return basename(/([^(\s]+?):\d+:\d+\)?$/.exec(line)?.[1] ?? line);
}
