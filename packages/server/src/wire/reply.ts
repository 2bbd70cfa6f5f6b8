import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Reply } from "./protocol/protocol.ts";
import type { WireRequest } from "./request.ts";

/**
 * How much of a body that nobody wanted is read and thrown away, so that the client sees the reply instead of a
 * broken connection. Beyond it the connection is closed.
 */
const DRAIN_BYTES_MAX = 64 * 1024 * 1024;

/** Writes a reply: at once with its length, or as a stream. Resolves when it is handed to the socket; throws when a stream breaks. */
export async function sendReply(
  { message, method }: WireRequest,
  response: ServerResponse,
  reply: Reply,
): Promise<void> {
  const { status, headers, body } = reply;
  if (!message.complete) drain(message);
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    return method === "HEAD" ? endWithout(body, response) : await stream(body, response);
  }
  if (status !== 204 && status !== 304 && headers["content-length"] === undefined) {
    headers["content-length"] = String(typeof body === "string" ? Buffer.byteLength(body) : body.byteLength);
  }
  response.writeHead(status, headers);
  response.end(method === "HEAD" || body.length === 0 ? undefined : body);
}

function endWithout(body: Readable, response: ServerResponse): void {
  body.destroy();
  response.end();
}

function stream(body: Readable, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    body.once("error", reject);
    response.once("finish", resolve);
    response.once("close", () => {
      body.destroy();
      resolve(); // A client that goes away early has what it wanted.
    });
    if (response.destroyed)
      response.emit("close"); // Gone before we began; it would not say so again.
    else body.pipe(response);
  });
}

function drain(message: IncomingMessage): void {
  let sizeBytes = 0;
  message.unpipe();
  message.on("data", (part: Buffer) => {
    sizeBytes += part.length;
    if (sizeBytes > DRAIN_BYTES_MAX) message.destroy();
  });
  message.resume();
}
