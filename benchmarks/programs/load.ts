/**
 * Reports the results of jobs, as fast as answers come back, over a few connections that stay open. All requests are
 * signed before the clock starts; each connection sends its next one when the last was answered.
 */
import { connect, type Socket } from "node:net";
import { answerQuestions } from "../program.ts";
import { type Credentials, signedRequest } from "../sign.ts";

export interface LoadQuestion {
  readonly port: number;
  readonly credentials: Credentials;
  readonly region: string;
  readonly jobIds: readonly string[];
  readonly connectionsCount: number;
}

export interface LoadAnswer {
  /** From the first request to the last answer. */
  readonly ms: number;
}

answerQuestions(async ({ port, credentials, region, jobIds, connectionsCount }: LoadQuestion): Promise<LoadAnswer> => {
  const requests = jobIds.map((jobId) =>
    signedRequest({
      host: `127.0.0.1:${port}`,
      target: "CodePipeline_20150709.PutJobSuccessResult",
      input: { jobId },
      service: "codepipeline",
      region,
      credentials,
      at: Date.now(),
    }),
  );
  const sockets = await Promise.all(Array.from({ length: connectionsCount }, () => open(port)));
  const next = () => requests.pop();
  const startedAt = performance.now();
  await Promise.all(sockets.map((socket) => sendAll(socket, next)));
  const ms = performance.now() - startedAt;
  for (const socket of sockets) socket.destroy();
  return { ms };
});

function open(port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
  socket.once("error", reject);
  return promise;
}

/** Sends what `next` hands out until there is no more. Any answer but success ends it with an error. */
function sendAll(socket: Socket, next: () => Buffer | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let received = "";
  const send = () => {
    const request = next();
    if (request) socket.write(request);
    else resolve();
  };
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
    const length = answerLength(received);
    if (length === undefined || received.length < length) return;
    if (!received.startsWith("HTTP/1.1 200 ")) reject(new Error(`The server answered: ${received}`));
    received = received.slice(length);
    send();
  });
  socket.once("close", () => reject(new Error("The server closed the connection.")));
  send();
  return promise;
}

/** Head and body together; nothing while the head is not complete. */
function answerLength(received: string): number | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  return end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0);
}
