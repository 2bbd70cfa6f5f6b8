/**
 * Processes of the bench that are asked over IPC: servers, floors and load each have one of their own, so that none
 * disturbs the other's event loop and each can be bound to a core.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bench, ended, PROFILE_INTERVAL_MICROS, type StartOptions, startNode } from "./bench.ts";

/** A running process that answers questions, one at a time. */
export interface Program<Question extends object, Answer extends object> {
  ask(question: Question): Promise<Answer>;
  /** Runs something while this process is profiled, if profiles are wanted at all. */
  profiled<T>(label: string, run: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** How long an answer may take. Unit: milliseconds. */
const ANSWER_MS_MAX = 60_000;

type Reply = { readonly answer: object } | { readonly error: string };

/** Asks a process to begin a profile of itself, or to end it and leave it in a folder. */
type ProfileRequest = { readonly profile: "begin" } | { readonly profile: "end"; readonly folder: string };

/** Starts the script at `url`, which calls `answerQuestions` or does the like, with arguments if it takes any. */
export function startProgram<Question extends object, Answer extends object>(
  bench: Bench,
  url: URL,
  { args = [], ...options }: Pick<StartOptions, "core" | "variables"> & { readonly args?: readonly string[] } = {},
): Program<Question, Answer> {
  const child = startNode(bench, [fileURLToPath(url), ...args], { ...options, isAsked: true });
  function ask(question: object): Promise<object> {
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    const failed = (why: string) => reject(new Error(`${fileURLToPath(url)}: ${why}`));
    const timer = setTimeout(() => failed(`no answer within ${ANSWER_MS_MAX} ms`), ANSWER_MS_MAX);
    const onExit = (code: number | null) => failed(`ended with status ${code}`);
    child.once("exit", onExit);
    child.once("message", (reply: Reply) => ("error" in reply ? failed(reply.error) : resolve(reply.answer)));
    child.send(question);
    return promise.finally(() => {
      clearTimeout(timer);
      child.off("exit", onExit);
      child.removeAllListeners("message");
    });
  }
  return {
    ask: (question) => ask(question) as Promise<Answer>, // the script is written for this kind of question
    async profiled(label, run) {
      if (bench.profileDir === undefined) return await run();
      await ask({ profile: "begin" } satisfies ProfileRequest);
      const result = await run();
      await ask({ profile: "end", folder: join(bench.profileDir, label) } satisfies ProfileRequest);
      return result;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended(child);
    },
  };
}

/** The other side: answers until the bench is done, or gone, and then ends. */
export function answerQuestions<Question extends object>(
  answer: (question: Question) => Promise<object>,
  stop: () => Promise<void> = async () => {},
): void {
  const profile = createProfiler();
  process.on("message", async (question: Question | ProfileRequest) => {
    const reply = await replyTo(() => ("profile" in question ? profile(question) : answer(question)));
    process.send?.(reply);
  });
  process.once("disconnect", () => void stop().finally(() => process.exit(0)));
}

async function replyTo(answer: () => Promise<object>): Promise<Reply> {
  try {
    return { answer: await answer() };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function createProfiler(): (request: ProfileRequest) => Promise<object> {
  const session = new Session();
  let count = 0;
  return async (request) => {
    if (request.profile === "begin") {
      if (count === 0) session.connect();
      await session.post("Profiler.enable");
      await session.post("Profiler.setSamplingInterval", { interval: PROFILE_INTERVAL_MICROS });
      await session.post("Profiler.start");
    } else {
      const { profile } = await session.post("Profiler.stop");
      mkdirSync(request.folder, { recursive: true });
      writeFileSync(join(request.folder, `${process.pid}-${count++}.cpuprofile`), JSON.stringify(profile));
    }
    return {};
  };
}
