import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Client } from "./client.ts";
import { createFunction, zipOfFunctions } from "./ground.ts";
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
  const calls: AskedCall<Event>[] = [];
  const waiting: ((call: AskedCall<Event>) => void)[] = [];
  let count = 0;
  const http = createServer(async (request, response) => {
    count += 1;
    const event = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Event; // what the test expects
    const call = callOf(event, response);
    const taker = waiting.shift();
    if (taker) taker(call);
    else calls.push(call);
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  server.own(() => {
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo; // it listens on a port
  await createFunction(client, {
    name,
    runtime: "nodejs22.x",
    handler: "ask.handler",
    code: await zipOfFunctions("ask.mjs"),
    environment: { ASKED: `http://127.0.0.1:${port}/` },
  });
  return {
    calls: () => count,
    nextCall() {
      const call = calls.shift();
      return call ? Promise.resolve(call) : new Promise((resolve) => void waiting.push(resolve));
    },
  };
}

function callOf<Event>(event: Event, response: ServerResponse): AskedCall<Event> {
  return {
    event,
    answer: (value) => void response.end(JSON.stringify(value)),
    raise: (message) => void response.writeHead(500).end(message),
  };
}
