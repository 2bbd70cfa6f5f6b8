import { EXIT } from "../failure.ts";

/** Ctrl-C, and the signals that mean the same. One life per command. */
export interface Interrupts {
  /** Resolves with the first signal. */
  readonly first: Promise<NodeJS.Signals>;
  readonly came: () => boolean;
  /** What is said while the execution is stopped. */
  readonly words: string;
  /** Stops listening. */
  stop(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The first signal is answered by `first`; the second leaves at once. */
export function watchInterrupts(): Interrupts {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let count = 0;
  const hear = (signal: NodeJS.Signals) => {
    count += 1;
    if (count > 1) process.exit(EXIT.interrupted);
    resolve(signal);
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return {
    first: promise,
    came: () => count > 0,
    words: "Stopping the execution. Ctrl-C again leaves at once.",
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, hear);
    },
  };
}
