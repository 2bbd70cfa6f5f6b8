/** How much of the log an answer carries. Unit: bytes. Source: Lambda API reference, Invoke, `LogResult`. */
const TAIL_BYTES_MAX = 4096;

/** Collects the end of one invocation's log. The host gives the lines, Lambda's own (START, END, REPORT) included. */
export interface LogTail {
  add(line: string): void;
  /** The last bytes, in Base64. */
  encode(): string;
}

export function createLogTail(): LogTail {
  let tail: Buffer = Buffer.alloc(0);
  return {
    add: (line) => {
      tail = Buffer.concat([tail, Buffer.from(`${line}\n`)]).subarray(-TAIL_BYTES_MAX);
    },
    encode: () => tail.toString("base64"),
  };
}
