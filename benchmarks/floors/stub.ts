/** A server that does nothing: it reads a request to its end and answers success, as the service would. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerQuestions } from "../program.ts";

export interface StubAnswer {
  readonly port: number;
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1", "content-length": 2 });
    response.end("{}");
  });
});

answerQuestions(async (): Promise<StubAnswer> => {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port }; // it listens on a port, not on a pipe
});
