/**
 * Longest line that is passed on; the rest of a longer one is left out with a note.
 *
 * Unit: bytes. Source: CloudWatch Logs quotas, event size.
 */
export const LINE_BYTES_MAX = 256 * 1024;

/** Most lines of one environment that are passed on within a second. Source: our choice; a loop that prints may not take the server. */
export const LINES_PER_SECOND_MAX = 20_000;

/** Most bytes of lines of one environment that are passed on within a second. Source: our choice, as above. */
export const LINE_BYTES_PER_SECOND_MAX = 32 * 1024 * 1024;

const NEWLINE = 0x0a;
const WINDOW_MS = 1000;

/** Makes lines of what a process writes to one stream. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Passes on a last line that has no newline yet. */
  flush(): void;
}

/** Bounds what several splitters pass on; one an environment. */
export interface LineLimiter {
  pass(line: string, sizeBytes: number): void;
  /** Says how many lines were left out since the last time, if any were. */
  flush(): void;
}

/** Splits at newlines, and only there; decodes whole lines, so that no character is cut at the border of two chunks. */
export function createLineSplitter(limiter: LineLimiter): LineSplitter {
  let head: Buffer[] = [];
  let headBytes = 0;
  let leftOutBytes = 0;

  const keep = (part: Buffer) => {
    const room = Math.max(0, LINE_BYTES_MAX - headBytes);
    leftOutBytes += Math.max(0, part.length - room);
    if (room === 0 || part.length === 0) return;
    head.push(part.length > room ? part.subarray(0, room) : part);
    headBytes += Math.min(part.length, room);
  };
  const end = () => {
    const text = (head.length === 1 ? head[0] : Buffer.concat(head))?.toString("utf8") ?? "";
    const note = leftOutBytes > 0 ? ` [${leftOutBytes} bytes of this line were left out]` : "";
    limiter.pass(text + note, headBytes);
    head = [];
    headBytes = 0;
    leftOutBytes = 0;
  };
  return {
    push(chunk) {
      let start = 0;
      for (let newline = chunk.indexOf(NEWLINE); newline >= 0; newline = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, newline));
        end();
        start = newline + 1;
      }
      keep(chunk.subarray(start));
    },
    flush() {
      if (headBytes > 0) end();
    },
  };
}

/** Passes lines to `onLine` until a second's worth is used up, and then a note in their place. `clock` counts milliseconds. */
export function createLineLimiter(onLine: (line: string) => void, clock: () => number): LineLimiter {
  let windowStart = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let bytes = 0;
  let leftOut = 0;

  const flush = () => {
    if (leftOut === 0) return;
    onLine(`[${leftOut} lines were left out: the function writes too fast]`);
    leftOut = 0;
  };
  return {
    flush,
    pass(line, sizeBytes) {
      const now = clock();
      if (now - windowStart >= WINDOW_MS) {
        windowStart = now;
        lines = 0;
        bytes = 0;
        flush();
      }
      lines++;
      bytes += sizeBytes;
      if (lines > LINES_PER_SECOND_MAX || bytes > LINE_BYTES_PER_SECOND_MAX) leftOut++;
      else onLine(line);
    },
  };
}
