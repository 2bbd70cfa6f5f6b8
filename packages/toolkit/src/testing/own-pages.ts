/** The pages of a running Penstock, under `/_penstock/`. */
import { get, type IncomingMessage } from "node:http";

/** An entry of an execution's story, as far as waits read it. */
export interface StoryLine {
  readonly type: string;
  readonly stage?: string;
  readonly action?: string;
  readonly status?: string;
  readonly jobId?: string;
  readonly number?: number;
  readonly continuationToken?: string;
}

export interface OwnPages {
  /** Errors: `Error` with what the server said, or that it is gone. */
  read<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  /** The story from its beginning, until nothing of the execution runs any more or `signal` is aborted. */
  story(executionId: string, signal: AbortSignal): AsyncGenerator<StoryLine>;
}

/** `whyGone` tells more when the server does not answer. */
export function ownPages(endpoint: string, whyGone: () => string): OwnPages {
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const response = await fetch(`${endpoint}/_penstock/${path}`, init).catch((cause: unknown) => {
      throw new Error(`Penstock does not answer any more.${whyGone()}`, { cause });
    });
    const page = (await response.json()) as T & { readonly error?: string }; // the server's own document
    if (!response.ok) throw new Error(page.error ?? `Penstock answered with status ${response.status}.`);
    return page;
  };
  return {
    read: (path) => ask(path),
    post: (path, body) =>
      ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    async *story(executionId, signal) {
      const response = await open(`${endpoint}/_penstock/executions/${executionId}/story`, signal);
      if (response.statusCode !== 200) throw new Error(`Penstock knows no execution ${executionId}.`);
      try {
        yield* linesOf(response);
      } catch (cause) {
        if (!signal.aborted) throw new Error(`Penstock went away.${whyGone()}`, { cause });
      }
    },
  };
}

/** Not `fetch`: that gives up on a story in which nothing happens for five minutes. */
function open(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { signal, agent: false }, resolve).on("error", reject);
  });
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<StoryLine> {
  let rest = "";
  for await (const piece of response.setEncoding("utf8")) {
    const lines = (rest + String(piece)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as StoryLine; // the server's own line
  }
}
