import { createServer } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { handleRuntimeApi } from "./runtime-api.ts";
import { openWorkbench, type Workbench } from "./testing/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = openWorkbench();
});
afterEach(async () => {
  await bench.close();
});

describe("a runtime that brings its own loop", () => {
  const provided = (text: string) => bench.write({ bootstrap: text }, { runtime: "provided.al2023" }, 0o755);
  const API = "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime";

  test("a shell with curl gets events and answers them", async () => {
    const spec = provided(`#!/bin/sh
while true; do
  event=$(curl -sS -D "$HOME/head" ${API}/invocation/next)
  id=$(grep -i '^lambda-runtime-aws-request-id' "$HOME/head" | tr -d '\\r' | cut -d' ' -f2)
  echo "got $event"
  curl -sS -o /dev/null -d "{\\"echo\\":$event,\\"pid\\":$$}" ${API}/invocation/$id/response
done
`);
    const first = await bench.run(spec, { n: 1 });
    const second = await bench.run(spec, { n: 2 });
    expect(first).toMatchObject({ outcome: "returned", value: { echo: { n: 1 } } });
    expect(first.lines).toContain('got {"n":1}');
    expect(second.value).toEqual({ echo: { n: 2 }, pid: Object(first.value).pid });
  });

  test("what is out of turn is refused, in words", async () => {
    const spec = provided(`#!/usr/bin/env python3
import http.client, json, os
def call(method, path, body=None, headers={}):
  c = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
  c.request(method, '/2018-06-01/runtime/' + path, body, headers)
  r = c.getresponse()
  return r, json.loads(r.read() or 'null')
while True:
  r, event = call('GET', 'invocation/next')
  rid = r.getheader('Lambda-Runtime-Aws-Request-Id')
  seen = [call('GET', 'invocation/next'), call('POST', 'invocation/of-another/response', '1'), call('POST', 'init/error', '{}'), call('GET', 'nothing')]
  call('POST', 'invocation/%s/response' % rid, json.dumps([[r.status, b['errorType']] for r, b in seen] + [r.getheader('Lambda-Runtime-Invoked-Function-Arn')]))
  print('again', call('POST', 'invocation/%s/response' % rid, '2')[0].status, flush=True)
`);
    const first = await bench.run(spec);
    expect(first.value).toEqual([
      [403, "InvalidStateTransition"],
      [400, "InvalidRequestID"],
      [403, "InvalidStateTransition"],
      [404, "InvalidRequest"],
      spec.arn,
    ]);
    const second = await bench.run(spec);
    expect(second.lines).toContain("again 400");
  });

  test("an error needs no body that can be read", async () => {
    const spec = provided(`#!/bin/sh
curl -sS -D "$HOME/head" -o /dev/null ${API}/invocation/next
id=$(grep -i '^lambda-runtime-aws-request-id' "$HOME/head" | tr -d '\\r' | cut -d' ' -f2)
curl -sS -o /dev/null -H 'Lambda-Runtime-Function-Error-Type: My.Error' -d 'not json' ${API}/invocation/$id/error
`);
    const end = await bench.run(spec);
    expect(end).toMatchObject({
      outcome: "raised",
      value: { errorType: "My.Error" },
      error: { errorType: "My.Error" },
    });
  });

  test("an error while starting ends the attempt at once", async () => {
    const body = JSON.stringify({ errorType: "My.Init", errorMessage: "no table" });
    const end = await bench.run(provided(`#!/bin/sh\ncurl -sS -d '${body}' ${API}/init/error\nsleep 1000\n`));
    expect(end).toMatchObject({ outcome: "couldNotStart", error: { errorType: "My.Init", errorMessage: "no table" } });
  });

  test("each has an address of its own, which closes with it", async () => {
    const spec = provided(`#!/bin/sh
curl -sS -D "$HOME/head" -o /dev/null ${API}/invocation/next
id=$(grep -i '^lambda-runtime-aws-request-id' "$HOME/head" | tr -d '\\r' | cut -d' ' -f2)
curl -sS -o /dev/null -d "\\"$AWS_LAMBDA_RUNTIME_API\\"" ${API}/invocation/$id/response
sleep 1000
`);
    const ends = await Promise.all([bench.run(spec), bench.run(spec)]);
    const [one, two] = ends.map(({ value }) => String(value));
    expect(one).not.toBe(two);
    await bench.host.stop();
    const [host, port] = String(one).split(":");
    const refused = await new Promise((resolve) => connect(Number(port), String(host)).on("error", resolve));
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
  });
});

test("the server's own port refuses the Runtime API in words, and leaves all else alone", async () => {
  const server = createServer((request, response) => {
    if (!handleRuntimeApi(request, response)) response.end("not mine");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const refused = await fetch(`${url}/2018-06-01/runtime/invocation/next`);
  expect([refused.status, await refused.json()]).toEqual([
    403,
    { errorType: "InvalidStateTransition", errorMessage: expect.stringContaining("provided.al2023") },
  ]);
  expect(await (await fetch(`${url}/2015-03-31/functions/`)).text()).toBe("not mine");
  server.closeAllConnections();
  server.close();
});
