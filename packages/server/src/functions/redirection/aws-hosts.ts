import type { IncomingMessage } from "node:http";

/**
 * Hosts of AWS's own APIs, and LocalStack's name for itself. What customers run on AWS (load balancers, instances, APIs
 * behind API Gateway) has names there as well and is none of ours. Kept equal to `runtimes/node/redirect.mjs` and
 * `runtimes/python/penstock_redirect.py` by a test.
 */
const AWS_HOST =
  /^(?!.+\.(?:elb|compute|compute-1|execute-api)\.)(?:.+\.)?(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws|localhost\.localstack\.cloud)$/i;
const AWS_PORTS: readonly number[] = [80, 443, 4566];

/** Names under which functions find LocalStack; on another port they are something else. */
const LOCALSTACK_HOST = /^(?:localhost|localstack|host\.docker\.internal)$/i;
const LOCALSTACK_PORT = 4566;

/** The names of which every redirected host is one, or ends in one. */
export const REDIRECTED_DOMAINS: readonly string[] = [
  "amazonaws.com",
  "amazonaws.com.cn",
  "api.aws",
  "localhost.localstack.cloud",
  "localstack",
  "host.docker.internal",
];

/**
 * Whether a connection is meant for AWS, and so goes to this server. Other ports of the same hosts, such as a database's,
 * are left alone.
 *
 * Source: our choice.
 */
export function isRedirected(host: string, port: number): boolean {
  if (AWS_HOST.test(host)) return AWS_PORTS.includes(port);
  return port === LOCALSTACK_PORT && LOCALSTACK_HOST.test(host);
}

/**
 * Whether a request's URL names a host that is not this server, as one for a proxy does. Hosts of AWS are this server, and
 * so is every host with its own port.
 */
export function isForOthers({ url = "", socket }: IncomingMessage): boolean {
  if (url.startsWith("/") || !/^http:\/\//i.test(url) || !URL.canParse(url)) return false;
  const { hostname, port } = new URL(url);
  const number = Number(port) || 80;
  return !isRedirected(hostname, number) && number !== socket.localPort;
}
