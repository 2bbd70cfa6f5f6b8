/*
 * A promise that nobody awaits, or a callback, can fail while `run` still waits for something that will now never
 * come. Lambda's runtime has listeners that end the process then, before anything could be reported. So for the time
 * of a run they are set aside and what goes astray fails the run. Afterwards they are back. So it is with
 * `process.exit`, which programs made for a terminal call.
 *
 * Which run an error belongs to cannot be known; when several run at once, which Lambda never does, it fails all.
 */

type Listener = (error: unknown) => void;

const running = new Set<Listener>();
let exit = process.exit;
let setAside: readonly (readonly [event: string, listeners: readonly Listener[]])[] = [];

/** Has `listener` called with what goes astray from now on; the answer ends that. */
export function catchStrayErrors(listener: Listener): () => void {
  if (running.size === 0) takeOver();
  running.add(listener);
  return () => {
    if (running.delete(listener) && running.size === 0) giveBack();
  };
}

function takeOver(): void {
  setAside = (["unhandledRejection", "uncaughtException"] as const).map((event) => {
    const listeners = process.listeners(event as "uncaughtException") as unknown as readonly Listener[]; // both take an error first
    process.removeAllListeners(event).on(event, tellAll);
    return [event, listeners];
  });
  exit = process.exit;
  process.exit = refuseToExit;
}

function giveBack(): void {
  for (const [event, listeners] of setAside) {
    process.off(event, tellAll);
    for (const listener of listeners) process.on(event, listener);
  }
  process.exit = exit;
}

function refuseToExit(code: number | string | null = 0): never {
  const error = new Error(`process.exit(${code}) was called before the job was reported.`);
  tellAll(error);
  throw error;
}

function tellAll(error: unknown): void {
  for (const listener of [...running]) listener(error);
}
