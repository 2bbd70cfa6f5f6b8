/** Calls a handler again and again, in one process, each time with another job. */
import { pathToFileURL } from "node:url";
import { jobEvent } from "../../packages/toolkit/src/testing/job-event.ts";
import { answerQuestions } from "../program.ts";

export interface WarmHandlerQuestion {
  /** A module that exports `handler`. */
  readonly module: string;
  readonly count: number;
}

export interface WarmHandlerAnswer {
  /** Of one call, on average. */
  readonly ms: number;
}

type Handler = (event: unknown, context: object) => Promise<unknown>;

answerQuestions(async ({ module, count }: WarmHandlerQuestion): Promise<WarmHandlerAnswer> => {
  const { handler } = (await import(pathToFileURL(module).href)) as { handler: Handler }; // the scenario made it
  const context = { awsRequestId: "request", getRemainingTimeInMillis: () => 30_000 };
  const events = Array.from({ length: count }, () => jobEvent());
  const startedAt = performance.now();
  for (const event of events) await handler(event, context);
  return { ms: (performance.now() - startedAt) / count };
});
