/**
 * The way of one request: from the socket to an operation and back.
 *
 *   1. which service is meant, by scope, target, path, host (`routing.ts`); its module is loaded on its first request
 *   2. what is asked, and who asks it: the signature is checked over the raw request (`signature/`)
 *   3. the input is made and its constraints are checked (`protocol/`, `validate.ts`)
 *   4. whoever asks must be allowed what the operation says it needs
 *   5. the operation runs, and its output or its error goes out in the protocol's form
 *
 * S3 signs a hash that a header tells, so its bodies are read after the check and may stream; the others sign
 * the body itself, which is read first, within bounds.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Signer } from "./aws-itself.ts";
import { BodyTooLarge, ClientGone, readBody } from "./body.ts";
import { InvariantError, ServiceError } from "./error.ts";
import type { ServiceModel } from "./model.ts";
import type { Operation, Principal } from "./operation.ts";
import { notServed, OTHER_BODY_BYTES_MAX, openOther, passOn, passOnToAws, signedHash } from "./other-services.ts";
import { checkBodyDigests } from "./protocol/digests.ts";
import type { Opened, WireProtocol } from "./protocol/protocol.ts";
import { likelyProtocol, protocols } from "./protocol/protocols.ts";
import { streamsInput } from "./protocol/rest-xml.ts";
import { sendReply } from "./reply.ts";
import { header, readRequest, type WireRequest } from "./request.ts";
import { serviceOf, serviceOfForm } from "./routing.ts";
import { type AuthorizedCall, checkAccess, type Service } from "./service.ts";
import { type Authenticated, authenticate, s3PayloadHash } from "./signature/authenticate.ts";
import { EMPTY_SHA256, sha256Hex } from "./signature/canonical.ts";
import { checkNoPayload, hasBody, openPayload } from "./signature/payload.ts";
import { Refusal, toServiceError } from "./signature/refusal.ts";
import { SigningKeys } from "./signature/signing-key.ts";
import { authenticateVersionTwo, isVersionTwo } from "./signature/version-two.ts";
import { findViolations } from "./validate.ts";
import type { CallRecord, WireOptions } from "./wire-options.ts";

interface Wire<P extends Principal> extends WireOptions<P> {
  readonly keys: SigningKeys;
  readonly loaded: Map<string, Service>;
  readonly loading: Map<string, Promise<Service>>;
}

/** One request on its way, with what is known of it so far. */
interface Exchange<P extends Principal> {
  readonly request: WireRequest;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly startedAt: number;
  serviceName: string;
  service?: Service;
  protocol: WireProtocol;
  operation?: string;
  principal?: P;
  accessKeyId?: string;
  region?: string;
  input?: unknown;
  error?: ServiceError;
  continued: boolean;
}

/** A request that may go on: who asks for what. */
interface Received<P extends Principal> {
  readonly opened: Opened;
  readonly authenticated: Authenticated<P>;
  readonly body: Buffer | Readable;
}

/**
 * Makes the handler of an HTTP server's requests. Attach it to `request` and to `checkContinue`, so that a client
 * that waits with its body is only told to go on once its signature is found good.
 */
export function createWire<P extends Principal>(
  options: WireOptions<P>,
): (message: IncomingMessage, response: ServerResponse) => void {
  const wire: Wire<P> = { ...options, keys: new SigningKeys(), loaded: new Map(), loading: new Map() };
  return (message, response) => void serve(wire, message, response);
}

async function serve<P extends Principal>(
  wire: Wire<P>,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = begin(wire, message, response);
  try {
    await answer(wire, exchange);
  } catch (error) {
    await answerError(wire, exchange, error);
  }
  try {
    wire.onCall?.(recordOf(exchange));
  } catch (error) {
    wire.log.error({ err: error, requestId: exchange.requestId }, "The listener to calls failed");
  }
}

function begin<P extends Principal>(wire: Wire<P>, message: IncomingMessage, response: ServerResponse): Exchange<P> {
  const request = readRequest(message);
  const serviceName = serviceOf(request);
  return {
    request,
    response,
    requestId: wire.newRequestId(),
    startedAt: wire.now(),
    serviceName,
    protocol: likelyProtocol(request, serviceName),
    continued: header(request, "expect")?.toLowerCase() !== "100-continue",
  };
}

async function answer<P extends Principal>(wire: Wire<P>, exchange: Exchange<P>): Promise<void> {
  const early = exchange.serviceName === "form" ? await readForm(exchange) : undefined;
  const service = wire.loaded.get(exchange.serviceName) ?? (await loadService(wire, exchange));
  if (!service) return await answerOther(wire, exchange, early);
  exchange.service = service;
  exchange.protocol = protocols[service.model.protocol];
  const s3 = service.model.protocol === "rest-xml";
  const { opened, authenticated, body } = await (s3
    ? receiveS3(wire, exchange, service)
    : receive(wire, exchange, service, early));
  const operation = findOperation(wire, exchange, service, opened.name);
  const input = makeInput(exchange, service, opened, body);
  const region = authenticated.region ?? (await service.regionOf?.(opened.labels ?? {})) ?? "";
  exchange.region = region;
  const call = callOf(wire, exchange, authenticated, region);
  if (operation.access) await checkAccess(exchange.protocol, operation, input, service.context, call);
  const output = (await operation.run(input, service.context, call)) as Readonly<Record<string, unknown>>; // By its type.
  await sendReply(
    exchange.request,
    exchange.response,
    exchange.protocol.reply(service.model, opened.name, output, exchange.requestId),
  );
}

async function loadService<P extends Principal>(
  wire: Wire<P>,
  { serviceName: name }: Exchange<P>,
): Promise<Service | undefined> {
  const load = Object.hasOwn(wire.services, name) ? wire.services[name] : undefined;
  if (!load) return undefined;
  const loading = wire.loading.get(name) ?? load();
  wire.loading.set(name, loading);
  try {
    const service = await loading;
    wire.loaded.set(name, service);
    return service;
  } finally {
    wire.loading.delete(name); // A failed load is tried again by the next request.
  }
}

/** A call of a service that nobody serves. It is refused also where its signature is not good, but not passed on. */
async function answerOther<P extends Principal>(
  wire: Wire<P>,
  exchange: Exchange<P>,
  early: Buffer | undefined,
): Promise<void> {
  const { request, response, serviceName: name } = exchange;
  const way = wire.otherService?.(name) ?? "refuse";
  const body = early ?? (await readWhole(exchange, request.message, OTHER_BODY_BYTES_MAX));
  const { protocol, dialect, operation } = openOther(request, name, body);
  Object.assign(exchange, { protocol, operation });
  try {
    checkSignature(wire, exchange, { name, protocol: dialect }, () => signedHash(request, body));
  } catch (error) {
    if (way !== "refuse") throw error;
  }
  if (way instanceof URL) return await passOn(request, response, way, body);
  if (way === "aws") return await passOnToAws(request, response, body, await signerFor(wire, exchange));
  wire.log.warn({ service: name, operation }, `Nobody serves ${operation} of ${name}`);
  throw notServed(name);
}

/** Signs for AWS itself, for what the caller has signed for. */
async function signerFor<P extends Principal>(
  wire: Wire<P>,
  { serviceName: service, region = "" }: Exchange<P>,
): Promise<Signer> {
  if (!wire.awsCredentials) throw new InvariantError(`Calls of ${service} go to AWS, and nobody has credentials`);
  const findKey: Signer["findKey"] = (scope, secret) => wire.keys.find(scope, secret);
  return { credentials: await wire.awsCredentials(), region, service, now: Date.now(), findKey };
}

async function readForm<P extends Principal>(exchange: Exchange<P>): Promise<Buffer> {
  const body = await readWhole(exchange, exchange.request.message, FORM_BYTES_MAX);
  exchange.serviceName = serviceOfForm(body) ?? "form";
  return body;
}

/** All services but S3: the body first, because the signature is over it. */
async function receive<P extends Principal>(
  wire: Wire<P>,
  exchange: Exchange<P>,
  service: Service,
  early: Buffer | undefined,
): Promise<Received<P>> {
  const { request, protocol } = exchange;
  const bytesMax = protocol.bodyBytesMax(service.model, request);
  const body = early ?? (await readWhole(exchange, request.message, bytesMax));
  const opened = protocol.open(service.model, request, body);
  exchange.operation = opened.name;
  const authenticated = checkSignature(wire, exchange, service.model, () =>
    body.length === 0 ? EMPTY_SHA256 : sha256Hex(body),
  );
  return { opened, authenticated, body };
}

/** S3: who asks is known before a byte of the body is read. */
async function receiveS3<P extends Principal>(
  wire: Wire<P>,
  exchange: Exchange<P>,
  service: Service,
): Promise<Received<P>> {
  const { request, protocol } = exchange;
  const authenticated = checkSignature(wire, exchange, service.model, (presented) => s3PayloadHash(request, presented));
  const opened = protocol.open(service.model, request, undefined);
  exchange.operation = opened.name;
  if (streamsInput(service.model, opened.name)) {
    const body = openPayload(request, authenticated.seed);
    tellToContinue(exchange);
    return { opened, authenticated, body };
  }
  const body = hasBody(request)
    ? await readWhole(exchange, openPayload(request, authenticated.seed), protocol.bodyBytesMax(service.model, request))
    : checkNoPayload(request);
  checkBodyDigests(request, body);
  return { opened, authenticated, body };
}

async function readWhole<P extends Principal>(
  exchange: Exchange<P>,
  source: Readable,
  bytesMax: number,
): Promise<Buffer> {
  const announced = Number(exchange.request.headers["content-length"] ?? 0);
  if (announced > bytesMax + CHUNK_OVERHEAD_BYTES) throw exchange.protocol.tooLarge(bytesMax);
  tellToContinue(exchange);
  try {
    return await readBody(source, bytesMax);
  } catch (error) {
    throw error instanceof BodyTooLarge ? exchange.protocol.tooLarge(bytesMax) : error;
  }
}

/** What chunk signatures and trailing headers may add to a small document. */
const CHUNK_OVERHEAD_BYTES = 64 * 1024;

/** A form whose service only its body tells. */
const FORM_BYTES_MAX = 1024 * 1024;

function tellToContinue<P extends Principal>(exchange: Exchange<P>): void {
  if (exchange.continued) return;
  exchange.continued = true;
  exchange.response.writeContinue();
}

function checkSignature<P extends Principal>(
  wire: Wire<P>,
  exchange: Exchange<P>,
  { name, protocol }: Pick<ServiceModel, "name" | "protocol">,
  payloadHash: (presented: Parameters<typeof s3PayloadHash>[1]) => string,
): Authenticated<P> {
  try {
    const options = {
      service: name,
      dialect: protocol,
      keys: wire.keys,
      clockNow: wire.clockNow?.() ?? Date.now(),
      findKey: (accessKeyId: string, sessionToken: string | undefined) => {
        exchange.accessKeyId = accessKeyId;
        return wire.findKey(accessKeyId, sessionToken, exchange.startedAt);
      },
      payloadHash,
    };
    const isOld = protocol === "rest-xml" && isVersionTwo(exchange.request);
    const authenticated = isOld
      ? authenticateVersionTwo<P>(exchange.request, options)
      : authenticate<P>(exchange.request, options);
    exchange.principal = authenticated.principal;
    if (authenticated.region !== undefined) exchange.region = authenticated.region;
    return authenticated;
  } catch (error) {
    throw error instanceof Refusal ? toServiceError(error, protocol) : error;
  }
}

function findOperation<P extends Principal>(
  wire: Wire<P>,
  { protocol, serviceName }: Exchange<P>,
  service: Service,
  name: string,
): Operation<unknown, unknown, unknown> {
  const operation = service.operations[name];
  if (operation) return operation;
  const shown = name.slice(0, 200);
  const known = service.model.operations[name] !== undefined || service.model.others[name] !== undefined;
  wire.log.warn(
    { service: serviceName, operation: shown },
    `${serviceName} ${known ? "is asked for" : "has no operation"} ${shown}, which is not served`,
  );
  throw protocol.unknownOperation(name);
}

function makeInput<P extends Principal>(
  exchange: Exchange<P>,
  { model }: Service,
  opened: Opened,
  body: Buffer | Readable,
): Readonly<Record<string, unknown>> {
  const input = exchange.protocol.parse(model, opened, exchange.request, body);
  const shape = model.operations[opened.name]?.input;
  const violations = shape === undefined ? [] : findViolations(model, shape, input);
  if (violations.length > 0) throw exchange.protocol.invalid(model, violations);
  exchange.input = input;
  return input;
}

function callOf<P extends Principal>(
  wire: Wire<P>,
  { request, requestId, startedAt }: Exchange<P>,
  { principal, seed }: Authenticated<P>,
  region: string,
): AuthorizedCall<P> {
  return {
    requestId,
    region,
    principal,
    signatureVersion: seed ? 4 : 2,
    now: startedAt,
    request: request.message,
    authorize: (access) => wire.authorize(principal, access),
  };
}

async function answerError<P extends Principal>(wire: Wire<P>, exchange: Exchange<P>, error: unknown): Promise<void> {
  const { request, response, requestId, protocol, serviceName, operation } = exchange;
  const word = error instanceof ServiceError ? error : protocol.internal();
  exchange.error = word;
  if (word !== error && !(error instanceof ClientGone)) {
    wire.log.error(
      { err: error, requestId, service: serviceName, operation },
      `${serviceName} ${operation ?? "request"} failed`,
    );
  }
  if (response.headersSent) {
    response.destroy(); // The reply had begun: a broken connection is the only way left to say so.
    return;
  }
  if (!exchange.continued) response.shouldKeepAlive = false; // The client may or may not send its body now.
  await sendReply(request, response, protocol.errorReply(exchange.service?.model, word, requestId, request)).catch(() =>
    response.destroy(),
  );
}

function recordOf<P extends Principal>(exchange: Exchange<P>): CallRecord<P> {
  return {
    requestId: exchange.requestId,
    service: exchange.serviceName,
    operation: exchange.operation,
    principal: exchange.principal,
    accessKeyId: exchange.accessKeyId,
    region: exchange.region,
    status: exchange.error?.status ?? exchange.response.statusCode,
    errorCode: exchange.error?.code,
    errorMessage: exchange.error?.message,
    input: exchange.input,
    startedAt: exchange.startedAt,
  };
}
