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
const LOADS_TLS = /^(?:node:)?(?:tls|https|http2)$/;

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
  const redirectNow = () => {
    hooks?.deregister();
    redirectTls(endpoint);
    redirectNow.isDone = true;
  };
  const hooks = nodeModule.registerHooks?.({
    resolve(specifier, context, next) {
      if (LOADS_TLS.test(specifier) && !redirectNow.isDone) redirectNow();
      return next(specifier, context);
    },
  });
  if (!hooks) return redirectNow();
  globalThis.fetch = (input, init = undefined) => {
    if (!redirectNow.isDone) redirectNow();
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
