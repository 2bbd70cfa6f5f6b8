import type { IncomingMessage, ServerResponse } from "node:http";
import { decide } from "./inspector/decide-approval.ts";
import type { InspectorOptions } from "./inspector/router.ts";
import type { Parts } from "./parts.ts";
import type { ServerOptions } from "./server.ts";
import { findExecution } from "./store/execution.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Penstock's own pages. `ready` and `health` are for anybody and cost nothing; the inspector is loaded when it is asked for. */
export function createOwnPages(parts: Parts, { timing }: ServerOptions): Handler {
  let inspector: Promise<Handler> | undefined;
  return (request, response) => {
    const path = request.url?.split("?")[0];
    if (path === "/_penstock/ready" || path === "/_penstock/health") {
      const body = '{"status":"ready","store":"sqlite"}';
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
      response.end(body);
      return;
    }
    inspector ??= import("./inspector/router.ts").then((module) =>
      module.createInspector(inspectorOptions(parts, timing)),
    );
    void inspector.then((handle) => handle(request, response));
  };
}

/** What the inspector reads, and what it may do. */
export function inspectorOptions(parts: Parts, timing: ServerOptions["timing"]): InspectorOptions {
  const { store, story, clock, identity, engine, codePipeline, account, region, log } = parts;
  return {
    ownAccount: account,
    about: { account, region, timing: timing ?? "aws" },
    settled: (executionId) => settled(parts, executionId),
    read: store.read,
    declarations: codePipeline.declarations,
    story,
    capture: async (jobId, options) => (await import("./build-capture.ts")).captureOf(parts, jobId, options),
    decide: (decision) => decide(decision, { read: store.read, engine }),
    clock,
    now: clock.now,
    lookNow: engine.lookNow,
    findKey: identity.findKey,
    onFault: (error) => log("error", error instanceof Error ? (error.stack ?? error.message) : String(error)),
    ...(timing !== "fast" && {
      clockIsFixed:
        "This server keeps the service's rhythm (timing: aws), so its clock stays the machine's. Start it with --timing fast to set it forward.",
    }),
  };
}

/** Resolves when nothing of an execution runs any more: it is finished, and so are its functions' retries. */
export async function settled({ store, story, queue, outputs }: Parts, executionId: string): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const unwatch = story.watch((entry) => {
    if (entry.executionId !== executionId) return;
    // Whoever waits for the end may ask for the reasons next; while a function runs, there is time to load what tells them.
    if (entry.type === "invoked") import("./inspector/why.ts").catch(ignoreUntilAsked);
    if (entry.type === "executionFinished") ended.resolve();
  });
  const row = await store.read.first(findExecution, { id: executionId });
  if (row?.status !== "InProgress" && row?.status !== "Stopping") ended.resolve();
  await ended.promise;
  unwatch();
  await queue.idle(executionId);
  await outputs.idle(executionId);
}

// Whoever asks loads it again, and is told.
function ignoreUntilAsked(): void {}
