// Sends what is meant for AWS to the local endpoint, below any SDK: connections for AWS's hosts are made to the endpoint,
// and what would be TLS stays plain. HTTP above notices nothing, so the `Host` that a signature covers is kept.
//
// It costs nothing before it is used: `node:tls`, which takes 12 ms to load, is only changed when something loads it.

import * as nodeModule from "node:module";
import { connect, Socket } from "node:net";

/**
 * Hosts of AWS's own APIs, and LocalStack's name for itself. What customers run on AWS has names there as well and is
 * none of ours. Kept equal to `aws-hosts.ts` and `penstock_redirect.py` by a test.
 */
const AWS_HOST =
  /^(?!.+\.(?:elb|compute|compute-1|execute-api)\.)(?:.+\.)?(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws|localhost\.localstack\.cloud)$/i;
const AWS_PORTS = [80, 443, 4566];

/** Names under which functions find LocalStack; on another port they are something else. */
const LOCALSTACK_HOST = /^(?:localhost|localstack|host\.docker\.internal)$/i;
const LOCALSTACK_PORT = 4566;

/** Built-in modules that load `node:tls`. */
const LOADS_TLS = /^(?:node:)?(tls|https|http2)$/;

/** `address` is the endpoint's `host:port`. */
export function redirectAws(address) {
  const { hostname, port } = new URL(`http://${address}`);
  const endpoint = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || 80 };
  redirectSockets(endpoint);
  redirectTlsOnceLoaded(endpoint);
}

export function isRedirected(host, port) {
  if (typeof host !== "string") return false;
  if (AWS_HOST.test(host)) return AWS_PORTS.includes(Number(port));
  return Number(port) === LOCALSTACK_PORT && LOCALSTACK_HOST.test(host);
}

function redirectSockets(endpoint) {
  const original = Socket.prototype.connect;
  Socket.prototype.connect = function (...given) {
    const [options, callback] = normalized(given);
    if (!isRedirected(options.host, options.port)) return original.apply(this, given);
    return original.call(this, { ...options, ...endpoint }, callback); // A copy: agents file sockets by the options.
  };
}

/** `connect` takes options, or a port and a host, or both as a list from `net` itself; a callback may come last. */
function normalized(given) {
  const list = Array.isArray(given[0]) ? given[0] : given;
  const callback = list.findLast((one) => typeof one === "function");
  const [first, second] = list;
  if (typeof first === "object" && first !== null) return [first, callback];
  return [{ port: first, host: typeof second === "string" ? second : undefined }, callback];
}

function redirectTlsOnceLoaded(endpoint) {
  const { fetch } = globalThis;
  let waiting = { tls: () => redirectTls(endpoint), http2: () => refuseHttp2(endpoint) };
  const act = (name) => {
    const { [name]: now, ...later } = waiting;
    if (!now) return;
    waiting = later;
    now();
    if (Object.keys(later).length === 0) hooks?.deregister();
  };
  const hooks = nodeModule.registerHooks?.({
    resolve(specifier, context, next) {
      const [, name] = LOADS_TLS.exec(specifier) ?? [];
      if (name) act("tls");
      if (name === "http2") act("http2");
      return next(specifier, context);
    },
  });
  if (!hooks) return act("tls");
  // A process that was started ahead may have them already.
  for (const name of ["tls", "http2"]) if (process.moduleLoadList.includes(`NativeModule ${name}`)) act(name);
  globalThis.fetch = (input, init = undefined) => {
    act("tls");
    if (globalThis.fetch === wrapped) globalThis.fetch = fetch;
    return fetch(input, init);
  };
  const wrapped = globalThis.fetch;
  Object.defineProperty(wrapped, "name", { value: "fetch" });
}

function redirectTls(endpoint) {
  const tls = nodeModule.createRequire(import.meta.url)("node:tls");
  const original = tls.connect;
  tls.connect = function (...given) {
    const [options, callback] = normalizedTls(given);
    const { host = options.servername, port } = options;
    // One that runs in a given socket goes through a proxy.
    if (options.socket || !isRedirected(host, port)) return original.apply(this, given);
    return connectPlainly({ ...options, ...endpoint }, host, callback);
  };
}

/** The SDK asks a few services by HTTP/2 alone, and would learn only of an error of its protocol. */
function refuseHttp2(endpoint) {
  const http2 = nodeModule.createRequire(import.meta.url)("node:http2");
  const original = http2.connect;
  http2.connect = function (authority, ...given) {
    const { hostname, port, protocol } = new URL(authority);
    const place = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (protocol === "https:" ? 443 : 80) };
    const isOurs = place.host === endpoint.host && place.port === endpoint.port;
    if (!isOurs && !isRedirected(place.host, place.port)) return original.call(this, authority, ...given);
    const error = new Error(
      `${place.host} is asked by HTTP/2, as the AWS SDK does for Kinesis, Bedrock and a few more; Penstock speaks HTTP/1.1 and serves none of these. To have the call refused or passed on like others, give the client 'requestHandler: new NodeHttpHandler()' of @smithy/node-http-handler.`,
    );
    throw Object.assign(error, { name: "PenstockServiceNotServed" });
  };
}

/** As for `net`, but options may follow the port and the host. */
function normalizedTls(given) {
  const [options, callback] = normalized(given);
  const more = given.slice(1).find((one) => typeof one === "object" && one !== null);
  return [{ ...options, ...more }, callback];
}

/** A plain socket with the face of a TLS one. */
function connectPlainly(options, servername, callback) {
  const { host, port, timeout, signal, keepAlive, keepAliveInitialDelay, noDelay } = options;
  const socket = connect({ host, port, timeout, signal, keepAlive, keepAliveInitialDelay, noDelay });
  const subject = { CN: servername };
  Object.assign(socket, {
    encrypted: true,
    authorized: true,
    authorizationError: null,
    alpnProtocol: false,
    servername,
    getPeerCertificate: () => ({ subject, issuer: subject, subjectaltname: `DNS:${servername}` }),
    getCipher: () => ({ name: "none", standardName: "none", version: "none" }),
    getProtocol: () => null,
    getSession: () => undefined,
    isSessionReused: () => false,
    setServername() {},
  });
  if (callback) socket.once("secureConnect", callback);
  socket.once("connect", () => {
    socket.emit("secure");
    socket.emit("secureConnect");
  });
  return socket;
}
