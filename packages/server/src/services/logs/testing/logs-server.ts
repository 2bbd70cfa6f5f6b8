import { createLineWriter, type LineWriter } from "../../../logs/line-writer.ts";
import { openSqliteStore } from "../../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../../store/store.ts";
import { invokeOperation } from "../../../wire/service.ts";
import { listen, rootPrincipal } from "../../../wire/testing/listen.ts";
import { sendSigned } from "../../../wire/testing/sign.ts";
import { logs } from "../operations.ts";
import type { Operations } from "../shapes.generated.ts";

export const REGION = "us-east-1";
export const GROUP = "/aws/lambda/f";

/** CloudWatch Logs over a store in memory, with a clock that stands where it is put. */
export function openLogs(start = Date.UTC(2026, 10, 24, 6)) {
  const clock = { now: start };
  const store: Store = openSqliteStore({ path: ":memory:" });
  const lines: LineWriter = createLineWriter({ store, now: () => clock.now, log: { warn: () => {} } });
  const service = logs({ store, lines });
  /** Runs an operation as the wire does, without the wire. */
  function call<N extends keyof Operations & string>(name: N, input: Operations[N]["input"], region = REGION) {
    return invokeOperation(service, name, input, { requestId: "r", region, principal: rootPrincipal, now: clock.now });
  }
  return { clock, store, lines, service, call };
}

/** The same behind HTTP. */
export async function serveLogs(start?: number) {
  const opened = openLogs(start);
  const server = await listen({ logs: opened.service });
  /** Signs and sends one request; answers status and body. */
  async function send(operation: string, input: object) {
    const headers = { "x-amz-target": `Logs_20140328.${operation}`, "content-type": "application/x-amz-json-1.1" };
    const answer = await sendSigned(server.port, { service: "logs", headers, body: JSON.stringify(input) });
    const body: unknown = answer.body === "" ? {} : JSON.parse(answer.body);
    return { status: answer.status, body };
  }
  return { ...opened, ...server, send };
}
