import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isForOthers } from "./aws-hosts.ts";
import { type FunctionProxy, openFunctionProxy } from "./function-proxy.ts";

const folder = mkdtempSync(join(tmpdir(), "penstock-proxy-"));
/** What is authority for this folder; the tests' server and its own files. */
const secret = Buffer.alloc(32, 7);
const FROM_US = "from the server";
let server: Server;
let other: Server;
let proxy: FunctionProxy;

beforeAll(async () => {
  other = await listening(createServer((incoming, response) => response.end(`other ${incoming.url}`)));
  server = createServer((incoming, response) => {
    if (isForOthers(incoming)) proxy.forward(incoming, response);
    else response.end(`${FROM_US} ${incoming.headers.host}${incoming.url}`);
  });
  server.on("connect", (incoming, socket, head) =>
    proxy.connect(incoming, socket, head, (stream) => server.emit("connection", stream)),
  );
  await listening(server);
  proxy = openFunctionProxy({
    secret,
    folder,
    url: () => `http://127.0.0.1:${portOf(server)}`,
    now: Date.now,
    env: {},
  });
});
afterAll(() => {
  for (const one of [server, other]) {
    one.closeAllConnections();
    one.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function listening(one: Server): Promise<Server> {
  one.listen(0, "127.0.0.1");
  await once(one, "listening");
  return one;
}

const portOf = (one: Server) => (one.address() as AddressInfo).port; // it listens on a port

/** Opens a tunnel; answers the status line and, when it is open, the socket. */
async function tunnelTo(target: string): Promise<{ readonly status: string; readonly socket: Socket }> {
  const socket = connect(portOf(server), "127.0.0.1");
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer]; // a socket without an encoding gives buffers
  return { status: head.toString().split("\r\n")[0] ?? "", socket };
}

async function openTls(host: string): Promise<TLSSocket> {
  const { socket } = await tunnelTo(`${host}:443`);
  const ca = readFileSync(proxy.variables()["NODE_EXTRA_CA_CERTS"] ?? "");
  const secure = connectTls({ socket, servername: host, ca, ALPNProtocols: ["h2", "http/1.1"] });
  await once(secure, "secureConnect");
  return secure;
}

async function get(socket: Socket, host: string): Promise<string> {
  socket.write(`GET /path HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const parts = await socket.toArray();
  return Buffer.concat(parts).toString();
}

test("a tunnel to a host of AWS speaks TLS that a process with our certificate trusts, and comes to the server", async () => {
  for (const host of ["codepipeline.eu-west-1.amazonaws.com", "bucket.s3.amazonaws.com"]) {
    const secure = await openTls(host);
    expect([secure.authorized, secure.alpnProtocol]).toEqual([true, "http/1.1"]);
    expect(await get(secure, host)).toContain(`${FROM_US} ${host}/path`);
  }
});

test("who does not have our certificate does not trust it", async () => {
  const { socket } = await tunnelTo("sts.amazonaws.com:443");
  const secure = connectTls({ socket, servername: "sts.amazonaws.com" });
  const [error] = (await once(secure, "error")) as [NodeJS.ErrnoException]; // its only argument
  expect(error.code).toMatch(/UNABLE_TO_(VERIFY|GET)/);
});

test("a tunnel to a name of LocalStack may be spoken through plainly", async () => {
  const { status, socket } = await tunnelTo("localstack:4566");
  expect(status).toBe("HTTP/1.1 200 Connection Established");
  expect(await get(socket, "localstack:4566")).toContain(`${FROM_US} localstack:4566/path`);
});

test("other hosts are connected to as they are", async () => {
  const { socket } = await tunnelTo(`127.0.0.1:${portOf(other)}`);
  expect(await get(socket, "any")).toContain("other /path");
});

test("what cannot be connected to is told", async () => {
  const free = await listening(createServer());
  const port = portOf(free);
  free.close();
  await once(free, "close");
  expect((await tunnelTo(`127.0.0.1:${port}`)).status).toBe("HTTP/1.1 502 Bad Gateway");
  expect((await tunnelTo("no-port")).status).toBe("HTTP/1.1 400 Bad Request");
});

test.each([
  ["http://codepipeline.eu-west-1.amazonaws.com/a", "codepipeline.eu-west-1.amazonaws.com"],
  ["http://localstack:4566/a", "localstack:4566"],
])("a request for %s in whole comes to the server", async (url, host) => {
  expect(await getThroughProxy(url)).toBe(`${FROM_US} ${host}${url}`);
});

test("a request for another host in whole is passed on, and told when that cannot be", async () => {
  expect(await getThroughProxy(`http://127.0.0.1:${portOf(other)}/a?b`)).toBe("other /a?b");
  expect(await getThroughProxy("http://nowhere.invalid/")).toMatch(/^http:\/\/nowhere\.invalid\/ cannot be reached: /);
});

async function getThroughProxy(url: string): Promise<string> {
  const asked = request({ host: "127.0.0.1", port: portOf(server), path: url, headers: { host: new URL(url).host } });
  asked.end();
  const [response] = (await once(asked, "response")) as [import("node:http").IncomingMessage]; // its only argument
  return Buffer.concat(await response.toArray()).toString();
}

test("the authority can vouch for AWS's hosts only, is the same for the same secret, and is for its owner's eyes", () => {
  const { NODE_EXTRA_CA_CERTS: file = "", SSL_CERT_FILE: bundle = "" } = proxy.variables();
  const one = new X509Certificate(readFileSync(file));
  expect(one.ca).toBe(true);
  const again = openFunctionProxy({
    secret,
    folder: join(folder, "again"),
    url: () => "http://h:1",
    now: Date.now,
    env: {},
  });
  const another = new X509Certificate(readFileSync(again.variables()["NODE_EXTRA_CA_CERTS"] ?? ""));
  expect(one.verify(another.publicKey)).toBe(true);
  expect(readFileSync(bundle, "utf8").match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(20);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test("a process is sent through it for everything but this machine", () => {
  const url = `http://127.0.0.1:${portOf(server)}`;
  expect(proxy.variables()).toMatchObject({ HTTPS_PROXY: url, https_proxy: url, NO_PROXY: "localhost,127.0.0.1,::1" });
  const { port } = new URL(url);
  expect(proxy.variables()["JAVA_TOOL_OPTIONS"]).toBe(
    `-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=${port} -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=${port} ` +
      `-Dhttp.nonProxyHosts=localhost|127.0.0.1|[::1]|127.* ` +
      `-Djavax.net.ssl.trustStore=${join(folder, "bundle.jks")} -Djavax.net.ssl.trustStoreType=JKS`,
  );
});
