import type { ServerResponse } from "node:http";
import type { Client } from "./client.ts";
import { createFunction, zipOfFunctions } from "./ground.ts";
import { openInbox } from "./inbox.ts";
import type { Penstock } from "./server.ts";

/*
 * A function that asks the test what to return, for functions whose value means something.
 */

/** A call of the function that waits for its answer. */
export interface AskedCall<Event> {
  readonly event: Event;
  /** Has the function return something. */
  answer(value: unknown): void;
  /** Has the function raise an error. */
  raise(message: string): void;
}

/** Creates a function under some name; answers how to get its calls, one by one. */
export async function askingFunction<Event>(
  client: Client,
  server: Penstock,
  name: string,
): Promise<{ nextCall(): Promise<AskedCall<Event>>; calls(): number }> {
  let count = 0;
  const inbox = await openInbox(server, (json, response) => {
    count += 1;
    return callOf(json as Event, response); // what the test expects
  });
  await createFunction(client, {
    name,
    runtime: "nodejs22.x",
    handler: "ask.handler",
    code: await zipOfFunctions("ask.mjs"),
    environment: { ASKED: inbox.url },
  });
  return { calls: () => count, nextCall: inbox.next };
}

function callOf<Event>(event: Event, response: ServerResponse): AskedCall<Event> {
  return {
    event,
    answer: (value) => void response.end(JSON.stringify(value)),
    raise: (message) => void response.writeHead(500).end(message),
  };
}
