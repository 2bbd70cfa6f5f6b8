import type { Readable } from "node:stream";

/** Thrown when a body is longer than it may be. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** Thrown when the client went away before its body ended. Nobody is left to answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

const nothing = Buffer.alloc(0);

/** Reads a body into memory. The stream is left as it is when the body is too long: whoever answers drains it. */
export function readBody(source: Readable, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let sizeBytes = 0;
    source.on("data", (part: Buffer) => {
      sizeBytes += part.length;
      if (sizeBytes <= bytesMax) parts.push(part);
      else reject(new BodyTooLarge(`The body has more than ${bytesMax} bytes`));
    });
    source.on("end", () => resolve(parts.length === 1 ? (parts[0] ?? nothing) : Buffer.concat(parts)));
    source.on("error", reject);
    source.on("close", () => {
      if (!source.readableEnded) reject(new ClientGone("The client closed the connection before the body's end"));
    });
  });
}
