import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Penstock } from "./server.ts";

/** Where a function sends what it is given, as JSON, one request at a time or many. */
export interface Inbox<T> {
  readonly url: string;
  /** What came and was not taken yet, in order. */
  next(): Promise<T>;
}

/** Listens as long as the server does. `receive` makes of a request what `next` gives. */
export async function openInbox<T>(
  server: Penstock,
  receive: (json: unknown, response: ServerResponse) => T,
): Promise<Inbox<T>> {
  const arrived: T[] = [];
  const waiting: ((item: T) => void)[] = [];
  const http = createServer(async (request, response) => {
    const item = receive(JSON.parse(Buffer.concat(await request.toArray()).toString()), response);
    const taker = waiting.shift();
    if (taker) taker(item);
    else arrived.push(item);
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  server.own(() => {
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}/`,
    next() {
      const item = arrived.shift();
      return item === undefined ? new Promise<T>((resolve) => void waiting.push(resolve)) : Promise.resolve(item);
    },
  };
}
