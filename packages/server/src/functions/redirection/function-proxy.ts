/**
 * A proxy for functions in languages that have no redirection of ours below their SDK: it is on the server's own port,
 * and processes of functions are told of it by the variables that HTTP clients know.
 *
 * `CONNECT host:443` for a host of AWS opens TLS with a certificate made on the spot, and hands what comes out to the
 * server like any connection, so the `Host` stays what it was and signatures hold. Any other host is connected to as
 * it is, and what goes through is none of our business. A request for `http://host/…` is told apart in the same way.
 *
 * Only processes of this machine may use it: a server that listens to a network is no relay for strangers.
 */
import { type IncomingMessage, request as makeRequest, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { JAVA_OPTIONS } from "../environment-variables.ts";
import { type Authority, openAuthority, writeTrustFiles } from "./authority.ts";
import { isRedirected } from "./aws-hosts.ts";

export interface FunctionProxyOptions {
  /** 32 bytes from which the key of the certificate authority is made. */
  readonly secret: Buffer;
  /** Folder for the certificates, which are public. */
  readonly folder: string;
  readonly url: () => string;
  readonly now: () => number;
  /** The server's environment, for what it trusts. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface FunctionProxy {
  /** What a process that is to use it finds in its environment. */
  variables(): Readonly<Record<string, string>>;
  /** Takes the connection of a `CONNECT`; `serve` gets it back when it is one for us. */
  connect(request: IncomingMessage, socket: Duplex, head: Buffer, serve: (connection: Duplex) => void): void;
  /** Passes on a request whose URL names a host that is not ours. */
  forward(request: IncomingMessage, response: ServerResponse): void;
}

/** Connections to other hosts at once. */
const TUNNELS_MAX = 1024;

/** The first byte of TLS. Source: RFC 8446 §5.1, handshake. */
const TLS_HANDSHAKE = 0x16;

/** Makes it, and its certificate authority. */
export function openFunctionProxy(options: FunctionProxyOptions): FunctionProxy {
  const authority = openAuthority(options.secret, options.now);
  let tunnels = 0;
  return {
    variables: () => variables(options, authority),
    connect(request, socket, head, serve) {
      socket.on("error", () => socket.destroy()); // whoever hung up knows it
      const target = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(request.url ?? "");
      const host = (target?.[1] ?? target?.[2] ?? "").toLowerCase();
      const port = Number(target?.[3]);
      if (!host) return refuse(socket, "400 Bad Request", `CONNECT names a host and a port, not ${request.url}.`);
      if (!isOfThisMachine(request))
        return refuse(socket, "403 Forbidden", "This proxy is for functions of its server.");
      if (isRedirected(host, port)) return accept(authority, host, socket, head, serve);
      if (tunnels >= TUNNELS_MAX) return refuse(socket, "503 Service Unavailable", "Too many connections.");
      tunnels++;
      tunnel({ host, port }, socket, head).once("close", () => tunnels--);
    },
    forward,
  };
}

/** Names in both cases, because clients differ on which they read. */
function variables({ url, folder, env }: FunctionProxyOptions, authority: Authority): Readonly<Record<string, string>> {
  const files = writeTrustFiles(folder, authority, env);
  const own = new URL(url()).hostname.replace(/^\[|\]$/g, "");
  const direct = [...new Set(["localhost", "127.0.0.1", "::1", own])];
  return {
    HTTPS_PROXY: url(),
    https_proxy: url(),
    HTTP_PROXY: url(),
    http_proxy: url(),
    NO_PROXY: direct.join(","),
    no_proxy: direct.join(","),
    AWS_CA_BUNDLE: files.bundle,
    SSL_CERT_FILE: files.bundle,
    CURL_CA_BUNDLE: files.bundle,
    REQUESTS_CA_BUNDLE: files.bundle,
    NODE_EXTRA_CA_CERTS: files.authority,
    [JAVA_OPTIONS]: javaOptions(new URL(url()), direct, files.javaStore),
  };
}

/** Java reads none of these variables, but options in one of its own. Source: JVM Tool Interface, "JAVA_TOOL_OPTIONS". */
function javaOptions({ hostname, port }: URL, direct: readonly string[], store: string): string {
  const host = hostname.replace(/^\[|\]$/g, "");
  const properties = {
    "https.proxyHost": host,
    "https.proxyPort": port || "80",
    "http.proxyHost": host,
    "http.proxyPort": port || "80",
    "http.nonProxyHosts": [...direct.map(inBrackets), "127.*"].join("|"), // for https as well
    "javax.net.ssl.trustStore": store,
    "javax.net.ssl.trustStoreType": "JKS",
  };
  const options = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  return options.map((option) => (/\s/.test(option) ? `"${option}"` : option)).join(" ");
}

const inBrackets = (host: string) => (host.includes(":") ? `[${host}]` : host);

function isOfThisMachine({ socket }: IncomingMessage): boolean {
  const { remoteAddress = "", localAddress } = socket;
  return /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress) || remoteAddress === localAddress;
}

/** Most clients speak TLS through a tunnel to us; one that is meant for port 80 speaks plainly. */
function accept(
  authority: Authority,
  host: string,
  socket: Duplex,
  head: Buffer,
  serve: (connection: Duplex) => void,
): void {
  socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  if (head.length > 0) socket.unshift(head);
  socket.once("data", (first: Buffer) => {
    socket.pause();
    socket.unshift(first);
    if (first[0] !== TLS_HANDSHAKE) {
      serve(socket);
      socket.resume();
      return;
    }
    const secureContext = authority.contextFor(host);
    const plain = new TLSSocket(socket as Socket, { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] }); // a server's connections are sockets
    plain.on("error", () => socket.destroy()); // a client that does not trust us says so itself
    serve(plain);
  });
}

function tunnel(target: { readonly host: string; readonly port: number }, socket: Duplex, head: Buffer): Socket {
  const other = connect(target);
  let isConnected = false;
  other.once("connect", () => {
    isConnected = true;
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    other.write(head);
    socket.pipe(other).pipe(socket);
  });
  other.once("error", (error) => {
    if (isConnected) socket.destroy();
    else refuse(socket, "502 Bad Gateway", `${target.host}:${target.port} cannot be reached: ${error.message}.`);
  });
  socket.once("close", () => other.destroy());
  return other;
}

function refuse(socket: Duplex, status: string, text: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

function forward(request: IncomingMessage, response: ServerResponse): void {
  if (!isOfThisMachine(request)) {
    answer(response, 403, "This proxy is for functions of its server.");
    return;
  }
  const { method, url = "" } = request;
  const headers = { ...request.headers };
  for (const name of ["proxy-connection", "proxy-authorization"]) delete headers[name];
  const passed = makeRequest(url, { method: method ?? "GET", headers }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
  });
  passed.once("error", (error) => {
    if (response.headersSent) response.destroy();
    else answer(response, 502, `${url.slice(0, 200)} cannot be reached: ${error.message}.`);
  });
  response.once("close", () => passed.destroy());
  request.pipe(passed);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
