/** The floor of a call: an HTTP round trip over loopback, from Node's client to Node's server in another process. */
import { Agent, request } from "node:http";
import { answerQuestions } from "../program.ts";

export interface RoundTripsQuestion {
  readonly port: number;
  readonly count: number;
}

export interface RoundTripsAnswer {
  /** How long each took. */
  readonly ms: readonly number[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const BODY = Buffer.from(JSON.stringify({ jobId: "11111111-2222-3333-4444-555555555555" }));

answerQuestions(async ({ port, count }: RoundTripsQuestion): Promise<RoundTripsAnswer> => {
  const ms: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    await roundTrip(port);
    ms.push(performance.now() - startedAt);
  }
  return { ms };
});

function roundTrip(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = { "content-type": "application/x-amz-json-1.1", "content-length": BODY.length };
  const call = request({ host: "127.0.0.1", port, method: "POST", agent, headers }, (response) => {
    response.resume();
    response.on("end", resolve);
  });
  call.on("error", reject);
  call.end(BODY);
  return promise;
}
