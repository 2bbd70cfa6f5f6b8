import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createInterpreters } from "../interpreters.ts";
import { openWorkbench, type Workbench } from "../testing/workbench.ts";

/** What the endpoint got, in order; each test takes its own away. */
const seen: string[] = [];
const endpoint = createServer((request, response) => {
  seen.push(`${request.method} ${request.headers.host}${request.url}`);
  response.setHeader("content-length", "2");
  response.end("{}");
});
let bench: Workbench;
beforeAll(async () => {
  await new Promise<void>((resolve) => void endpoint.listen(0, "127.0.0.1", resolve));
  bench = openWorkbench({ endpointUrl, nodeModulesDirs: [join(repository, "node_modules")] });
});
afterAll(async () => {
  await bench.close();
  endpoint.closeAllConnections();
  endpoint.close();
});

const endpointUrl = () => `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`; // it listens on a port
const repository = dirname(dirname(dirname(createRequire(import.meta.url).resolve("aws-sdk/package.json"))));

describe("Node", () => {
  const AWS = "https://codepipeline.eu-west-1.amazonaws.com/a?b=c";
  const run = async (files: Readonly<Record<string, string>>, spec = {}) => {
    seen.length = 0;
    const end = await bench.run(bench.write(files, spec));
    expect(end.error).toBeUndefined();
    return { value: end.value, seen: [...seen] };
  };

  test.each([
    ["fetch", `export const handler = async () => (await fetch("${AWS}")).status`],
    [
      "https",
      `import https from "node:https"; export const handler = () => new Promise((y, n) => https.get("${AWS}", (r) => y(r.statusCode)).on("error", n))`,
    ],
    [
      "https by name",
      `import { get } from "https"; export const handler = () => new Promise((y, n) => get("${AWS}", (r) => y(r.statusCode)).on("error", n))`,
    ],
    [
      "http to port 80",
      `import http from "node:http"; export const handler = () => new Promise((y, n) => http.get("${AWS.replace("https", "http")}", (r) => y(r.statusCode)).on("error", n))`,
    ],
    [
      "tls itself",
      `import { connect } from "node:tls";
      export const handler = () => new Promise((y, n) => {
        const socket = connect(443, "codepipeline.eu-west-1.amazonaws.com", { servername: "x" }, () => socket.write("GET /a?b=c HTTP/1.1\\r\\nHost: codepipeline.eu-west-1.amazonaws.com\\r\\n\\r\\n"));
        socket.on("error", n).once("data", (data) => { socket.destroy(); y(Number(String(data).slice(9, 12))); });
      })`,
    ],
  ])("%s comes to the endpoint with its host", async (_name, code) => {
    expect(await run({ "index.mjs": code })).toEqual({
      value: 200,
      seen: ["GET codepipeline.eu-west-1.amazonaws.com/a?b=c"],
    });
  });

  test("connections are kept and taken again by an agent", async () => {
    const code = `const https = require("https"); const agent = new https.Agent({ keepAlive: true });
      const get = () => new Promise((y, n) => https.get("${AWS}", { agent }, (r) => { r.resume(); r.on("end", () => y(r.req.reusedSocket)) }).on("error", n));
      exports.handler = async () => { const first = await get(); await new Promise(setImmediate); return [first, await get()]; }`;
    expect((await run({ "index.js": code })).value).toEqual([false, true]);
  });

  test("LocalStack's names come to the endpoint", async () => {
    const code = `export const handler = async () => {
      for (const host of ["http://localstack:4566", "http://host.docker.internal:4566", "https://s3.localhost.localstack.cloud:4566"]) await fetch(host);
    }`;
    expect((await run({ "index.mjs": code })).seen).toEqual([
      "GET localstack:4566/",
      "GET host.docker.internal:4566/",
      "GET s3.localhost.localstack.cloud:4566/",
    ]);
  });

  test("a server of the function's own is left alone, and so is TLS that is not for AWS", async () => {
    const code = `import { createServer } from "node:http";
      export const handler = async () => {
        const own = createServer((_, response) => response.end("own")).listen(0, "127.0.0.1");
        await new Promise((resolve) => own.once("listening", resolve));
        const { port } = own.address();
        const text = await (await fetch("http://127.0.0.1:" + port)).text();
        const failure = await fetch("https://127.0.0.1:" + port).catch((error) => error.cause.code);
        own.closeAllConnections(); own.close();
        return [text, failure];
      }`;
    expect(await run({ "index.mjs": code })).toEqual({ value: ["own", expect.stringMatching(/^ERR_SSL/)], seen: [] });
  });

  test.each([
    ["index.js", "const AWS = require('aws-sdk');"],
    ["index.mjs", "import AWS from 'aws-sdk';"],
    [
      "index.cjs",
      "const AWS = { CodePipeline: require('aws-sdk/clients/codepipeline'), S3: require('aws-sdk/clients/s3') };",
    ],
  ])("version 2 of the SDK, which knows no AWS_ENDPOINT_URL, comes to the endpoint: %s", async (file, start) => {
    const code = `${start}
      ${file === "index.mjs" ? "export const handler =" : "exports.handler ="} async () => {
        await new AWS.CodePipeline().getJobDetails({ jobId: "x" }).promise();
        await new AWS.S3().getObject({ Bucket: "a-bucket", Key: "k" }).promise();
      }`;
    expect((await run({ [file]: code })).seen).toEqual([
      "POST codepipeline.eu-west-1.amazonaws.com/",
      "GET a-bucket.s3.eu-west-1.amazonaws.com/k",
    ]);
  });

  test("who asks by HTTP/2 is told at once, and a server of the function's own is left alone", async () => {
    const code = `import https from "node:https"; import http2 from "node:http2";
      const refusal = (url) => { try { http2.connect(url); } catch ({ name, message }) { return name + ": " + message.split(",")[0]; } };
      export const handler = async () => {
        const own = http2.createServer((_, response) => response.end("own")).listen(0, "127.0.0.1");
        await new Promise((resolve) => own.once("listening", resolve));
        const client = http2.connect("http://127.0.0.1:" + own.address().port);
        const status = await new Promise((resolve) => client.request().once("response", (headers) => resolve(headers[":status"])));
        client.destroy(); own.close();
        return [status, refusal("https://kinesis.eu-west-1.amazonaws.com"), refusal(process.env.AWS_ENDPOINT_URL)];
      }`;
    const told = (host: string) => `PenstockServiceNotServed: ${host} is asked by HTTP/2`;
    const value = [200, told("kinesis.eu-west-1.amazonaws.com"), told("127.0.0.1")];
    expect(await run({ "index.mjs": code })).toEqual({ value, seen: [] });
  });

  test("node:tls is not loaded before it is used", async () => {
    const code =
      "export const handler = async () => process.moduleLoadList.filter((name) => / (tls|https|http)$/.test(name))";
    expect((await run({ "index.mjs": code })).value).toEqual([]);
  });

  test("a function may switch it off", async () => {
    const code = `exports.handler = async () => (await new Promise((y) => require("https").get("https://unknown.invalid.amazonaws.com", y).on("error", y))).code`;
    const { value, seen: none } = await run({ "index.js": code }, { environment: { PENSTOCK_REDIRECTION: "off" } });
    expect([value, none]).toEqual([expect.stringMatching(/^E/), []]);
  });
});

const PYTHONS = ["3.6", "3.9", "3.11", "3.13"].flatMap((version) => {
  const found = pythonOf(version);
  return found ? [[version, found] as const] : [];
});

describe.each(PYTHONS)("Python %s", (_version, python) => {
  let own: Workbench;
  beforeAll(() => {
    own = openWorkbench({ endpointUrl, interpreters: createInterpreters({ path: process.env["PATH"] ?? "", python }) });
  });
  afterAll(() => own.close());

  const run = async (body: string, spec = {}) => {
    seen.length = 0;
    const code = `import sys\ndef handler(event, context):\n${body.replace(/^/gm, "  ")}`;
    const end = await own.run(
      own.write({ "app.py": code }, { runtime: "python3.11", handler: "app.handler", ...spec }),
    );
    expect(end.error).toBeUndefined();
    return { value: end.value, seen: [...seen] };
  };
  const HOST = "codepipeline.eu-west-1.amazonaws.com";

  test.each([
    ["urllib", `from urllib.request import urlopen\nreturn urlopen('https://${HOST}/a').status`],
    ["urllib without TLS", `from urllib.request import urlopen\nreturn urlopen('http://${HOST}/a').status`],
    [
      "http.client, its connection used twice",
      `from http.client import HTTPSConnection
connection = HTTPSConnection('${HOST}')
connection.request('GET', '/a')
first = connection.getresponse()
first.read()
connection.request('GET', '/a')
second = connection.getresponse()
seen = second.status
assert second.read() == b'{}'
return seen`,
    ],
    [
      "requests, of the year that pip has it from",
      `try:
  import pip._internal # in some versions the other order is a circle
  from pip._vendor import requests
except ImportError: # a system's Python may come without pip
  from urllib.request import urlopen
  return urlopen('https://${HOST}/a').status
with requests.Session() as session:
  assert session.get('https://${HOST}/a').json() == {}
  return session.get('https://${HOST}/a').status_code`,
    ],
    [
      "asyncio",
      `import asyncio
async def get():
  reader, writer = await asyncio.open_connection('${HOST}', 443, ssl=True)
  writer.write(b'GET /a HTTP/1.1\\r\\nHost: ${HOST}\\r\\n\\r\\n')
  line = await reader.readline()
  writer.close()
  return int(line.split()[1])
return asyncio.new_event_loop().run_until_complete(get())`,
    ],
    [
      "a socket connected by name",
      `import socket, ssl
plain = socket.socket()
plain.connect(('${HOST}', 443))
sock = ssl.create_default_context().wrap_socket(plain, server_hostname='${HOST}')
sock.sendall(b'GET /a HTTP/1.1\\r\\nHost: ${HOST}\\r\\n\\r\\n')
return int(sock.recv(100).split()[1])`,
    ],
  ])("%s comes to the endpoint with its host", async (_name, body) => {
    const { value, seen: got } = await run(body);
    expect([value, got[0], new Set(got).size]).toEqual([200, `GET ${HOST}/a`, 1]);
  });

  test("LocalStack's names come to the endpoint; a server of the function's own does not", async () => {
    const { value, seen: got } = await run(`import threading, ssl
from http.server import HTTPServer, BaseHTTPRequestHandler
from urllib.request import urlopen
from urllib.error import URLError
class Own(BaseHTTPRequestHandler):
  def do_GET(self):
    self.send_response(204)
    self.end_headers()
own = HTTPServer(('127.0.0.1', 0), Own)
threading.Thread(target=own.serve_forever, daemon=True).start()
urlopen('http://localstack:4566/x')
port = own.server_address[1]
status = urlopen('http://127.0.0.1:%d/' % port).status
try:
  urlopen('https://127.0.0.1:%d/' % port)
except URLError as error:
  return [status, isinstance(error.reason, ssl.SSLError)]`);
    expect([value, got]).toEqual([[204, true], ["GET localstack:4566/x"]]);
  });

  test("socket and ssl are not imported before they are used", async () => {
    expect(
      (await run("return [name in sys.modules for name in ('socket', 'ssl', 'penstock_redirect')]")).value,
    ).toEqual([false, false, false]);
  });
});

function pythonOf(version: string): string | undefined {
  const roots = (process.env["PATH"] ?? "").split(":").map(dirname);
  const kept = roots.flatMap((root) => {
    const versions = join(root, "versions");
    const names = existsSync(versions) ? readdirSync(versions).filter((name) => name.startsWith(`${version}.`)) : [];
    return names.map((name) => join(versions, name, "bin/python3"));
  });
  const onPath = roots.map((root) => join(root, "bin", `python${version}`));
  return [...kept, ...onPath].find((file) => existsSync(file));
}
