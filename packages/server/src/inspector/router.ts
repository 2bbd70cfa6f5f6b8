import type { IncomingMessage, ServerResponse } from "node:http";
import { findExecution } from "../store/execution.ts";
import { ServiceError } from "../wire/error.ts";
import { type AccessOptions, admit } from "./access.ts";
import { clientsPage } from "./clients.ts";
import { type DecidedApproval, decisionOf, type GivenDecision } from "./decide-approval.ts";
import { advanceClock, type ClockMover } from "./move-clock.ts";
import { executionPage, jobPage, type PageRequest } from "./pages.ts";
import type { FactSource } from "./read-facts.ts";
import { type StorySource, streamStory } from "./story-stream.ts";
import { TIMELINE_ENTRIES_DEFAULT, TIMELINE_ENTRIES_MAX } from "./timeline.ts";
import { whyHidden } from "./whose.ts";

/*
 * Penstock's own pages, under `/_penstock/`. `main.ts` answers `ready` and `health` itself, to anybody.
 *
 *   GET  /_penstock/jobs/<id>          one job, its chain, its timeline, and why it stands where it stands
 *   GET  /_penstock/jobs/<id>/capture  the job on paper, to run it again; ?embed=1 with its artifacts
 *   GET  /_penstock/executions/<id>    the same of a whole pipeline execution
 *   GET  /_penstock/executions/<id>/story  its story from the beginning, entry by entry, until nothing of it runs any more
 *   GET  /_penstock/server             account, region and timing
 *   POST /_penstock/approvals/<token>  {"status": "Approved" or "Rejected", "summary": "…"} decides an approval as its account's root
 *   GET  /_penstock/clients            the client tokens that workers of partners' action types show
 *   GET  /_penstock/clock              the server's time, and how far it is ahead
 *   POST /_penstock/clock              {"advanceMs": 1200000} sets it forward
 *
 * `after` and `limit` page through a timeline.
 */

export interface InspectorOptions extends FactSource, AccessOptions, ClockMover, StorySource {
  /** The server's own account. */
  readonly ownAccount: string;
  /** What a client must know of the server. */
  readonly about: object;
  /** What a job was given and what became of it, without credentials. */
  capture(jobId: string, options: { readonly embeds: boolean }): Promise<object | undefined>;
  /** Decides an approval; answers where it is, or why not, or nothing when there is no such approval. */
  decide(decision: GivenDecision): Promise<DecidedApproval | { readonly problem: string } | undefined>;
  /** Why the clock may not be moved over HTTP, if so. */
  readonly clockIsFixed?: string;
  now(): number;
  onFault(error: unknown): void;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** An answer that is written as it comes. */
type Stream = (response: ServerResponse) => Promise<void>;

const PAGES: ReadonlyMap<string, typeof jobPage> = new Map([
  ["jobs", jobPage],
  ["executions", executionPage],
]);

/** Longest body that is read. */
const BODY_BYTES_MAX = 10_000;

/** Makes the handler of Penstock's own pages. */
export function createInspector(
  options: InspectorOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(request, options)
      .then((made) => (typeof made === "function" ? made(response) : send(response, made)))
      .catch((error: unknown) => {
        if (error instanceof ServiceError) return send(response, failed(error.status, error.message));
        options.onFault(error);
        if (response.headersSent) response.destroy();
        else send(response, failed(500, "The page could not be made; the server's log says why."));
      });
  };
}

async function answer(request: IncomingMessage, options: InspectorOptions): Promise<Answer | Stream> {
  const body = await readBody(request);
  if (!body) return failed(413, `A request has at most ${BODY_BYTES_MAX} bytes here.`);
  const visitor = admit({ request, body }, options);
  if ("refusal" in visitor) return failed(403, visitor.refusal);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://penstock");
  const [, sort = "", id = "", ...rest] = pathname.split("/").slice(1);
  const hidden = await whyHidden({ sort, id }, visitor, options);
  if (hidden) return failed(hidden.status, hidden.error);
  if (sort === "clock" && id === "") return await clockAnswer(request, body, options);
  if (sort === "clients" && id === "") {
    if (request.method !== "GET") return failed(405, "This page can only be read.");
    return { status: 200, body: await clientsPage(options.read) };
  }
  if (sort === "jobs" && rest.length === 1 && rest[0] === "capture") {
    return await captureAnswer(request, id, searchParams, options);
  }
  if (sort === "server" && id === "") return { status: 200, body: options.about };
  if (sort === "executions" && rest.length === 1 && rest[0] === "story") return await storyAnswer(request, id, options);
  if (sort === "approvals" && id !== "" && rest.length === 0) return await approvalAnswer(request, id, body, options);
  const page = PAGES.get(sort);
  if (!page || id === "" || rest.length > 0) return failed(404, `There is no page ${pathname}.`);
  if (request.method !== "GET" && request.method !== "HEAD") return failed(405, "This page can only be read.");
  const asked = pageRequest(searchParams);
  if (!asked)
    return failed(400, `after is what a page gave as next, limit a number from 1 to ${TIMELINE_ENTRIES_MAX}.`);
  await options.story.kept();
  const found = await page(id, asked, options);
  return found
    ? { status: 200, body: found }
    : failed(404, `There is no ${sort === "jobs" ? "job" : "execution"} ${id}.`);
}

async function captureAnswer(
  request: IncomingMessage,
  id: string,
  parameters: URLSearchParams,
  { story, capture }: InspectorOptions,
): Promise<Answer> {
  if (request.method !== "GET") return failed(405, "This page can only be read.");
  await story.kept();
  const captured = await capture(id, { embeds: parameters.get("embed") === "1" });
  return captured ? { status: 200, body: captured } : failed(404, `There is no job ${id}.`);
}

async function storyAnswer(request: IncomingMessage, id: string, options: InspectorOptions): Promise<Answer | Stream> {
  if (request.method !== "GET") return failed(405, "This page can only be read.");
  const execution = await options.read.first(findExecution, { id });
  return execution ? (response) => streamStory(id, options, response) : failed(404, `There is no execution ${id}.`);
}

function pageRequest(parameters: URLSearchParams): PageRequest | undefined {
  const after = parameters.get("after") ?? "0-0";
  const limit = Number(parameters.get("limit") ?? TIMELINE_ENTRIES_DEFAULT);
  const isGood =
    /^\d{1,15}-\d{1,9}$/.test(after) && Number.isInteger(limit) && limit >= 1 && limit <= TIMELINE_ENTRIES_MAX;
  return isGood ? { after, limit } : undefined;
}

async function approvalAnswer(
  request: IncomingMessage,
  token: string,
  body: Buffer,
  { decide }: InspectorOptions,
): Promise<Answer> {
  if (request.method !== "POST") return failed(405, "An approval is decided with POST.");
  if (!isJson(request)) return failed(415, JSON_ASKED);
  const decision = decisionOf(token, body);
  if (!decision) return failed(400, 'Send a JSON object such as {"status": "Approved", "summary": "looks good"}.');
  const decided = await decide(decision);
  if (!decided) return failed(404, `There is no approval ${token}.`);
  return "problem" in decided ? failed(409, decided.problem) : { status: 200, body: decided };
}

/** What no other site's page may send. */
function isJson({ headers }: IncomingMessage): boolean {
  return headers["content-type"]?.startsWith("application/json") === true;
}

const JSON_ASKED = "Send the body as content-type application/json.";

async function clockAnswer(request: IncomingMessage, body: Buffer, options: InspectorOptions): Promise<Answer> {
  const { clock, clockIsFixed } = options;
  if (request.method === "POST") {
    if (clockIsFixed !== undefined) return failed(409, clockIsFixed);
    if (!isJson(request)) return failed(415, JSON_ASKED);
    try {
      await advanceClock(advanceMsOf(body), options);
    } catch (error) {
      if (error instanceof RangeError) return failed(400, error.message);
      throw error;
    }
  } else if (request.method !== "GET") {
    return failed(405, "The clock can be read, and set forward with POST.");
  }
  return { status: 200, body: { now: clock.now(), aheadMs: clock.aheadMs(), isFixed: clockIsFixed !== undefined } };
}

function advanceMsOf(body: Buffer): number {
  try {
    const given: unknown = JSON.parse(body.toString("utf8"));
    if (typeof given === "object" && given !== null && "advanceMs" in given) return Number(given.advanceMs);
  } catch {
    // Not JSON: told below like JSON without the member.
  }
  throw new RangeError('Send a JSON object such as {"advanceMs": 1200000}.');
}

/** The body, or nothing when it is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > BODY_BYTES_MAX) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const failed = (status: number, error: string): Answer => ({ status, body: { error } });

function send(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}
