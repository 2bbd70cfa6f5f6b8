import type { Readable } from "node:stream";
import { DETAIL_HEADERS, type ServiceError } from "../error.ts";
import type { ServiceModel } from "../model.ts";
import type { WireRequest } from "../request.ts";
import type { Violation } from "../validate.ts";

/** What a request asks for, before anything of its input is believed. */
export interface Opened {
  /** The operation's name, also of one that is not served. */
  readonly name: string;
  /** What the protocol read on the way: a JSON document, form fields, the URI's labels. */
  readonly document?: unknown;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | Readable;
}

/** One of the four protocols: how inputs, outputs and errors look on the wire. Throws `ServiceError`s in its own codes. */
export interface WireProtocol {
  /** The most bytes of a body that is read into memory. */
  bodyBytesMax(model: ServiceModel, request: WireRequest): number;
  /** Finds the operation. `body` is absent where the signature is checked before the body is read. */
  open(model: ServiceModel, request: WireRequest, body: Buffer | undefined): Opened;
  /** Makes the input of the operation's shape. Throws for what cannot be of that shape, not for broken constraints. */
  parse(model: ServiceModel, opened: Opened, request: WireRequest, body: Buffer | Readable): Record<string, unknown>;
  invalid(model: ServiceModel, violations: readonly Violation[]): ServiceError;
  reply(model: ServiceModel, operation: string, output: Readonly<Record<string, unknown>>, requestId: string): Reply;
  errorReply(model: ServiceModel | undefined, error: ServiceError, requestId: string, request: WireRequest): Reply;
  denied(message: string): ServiceError;
  unknownOperation(name: string): ServiceError;
  tooLarge(bytesMax: number): ServiceError;
  internal(): ServiceError;
}

/** Parts the detail of an error into what goes into headers and what into the body. */
export function splitDetail(error: ServiceError): {
  readonly headers: Readonly<Record<string, string>>;
  readonly rest: readonly (readonly [string, unknown])[];
} {
  const headers = error.detail[DETAIL_HEADERS];
  const rest = Object.entries(error.detail).filter(([name, value]) => name !== DETAIL_HEADERS && value !== undefined);
  if (typeof headers !== "object" || headers === null) return { headers: {}, rest };
  return { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])), rest };
}
