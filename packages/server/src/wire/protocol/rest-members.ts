/** Where each member of a REST input or output stands: URI, query, headers, status, or body. */
import type { IncomingHttpHeaders } from "node:http";
import { InvariantError } from "../error.ts";
import {
  type Member,
  perShape,
  type ServiceModel,
  type StructureShape,
  setOwn,
  shapeOf,
  structureOf,
} from "../model.ts";
import type { WireRequest } from "../request.ts";
import { parseScalar } from "../scalar.ts";
import { epochMs, formatTimestamp, timestampFormat } from "../timestamp.ts";

export interface MemberPlan {
  readonly shape: StructureShape;
  readonly uri: readonly Placed[];
  readonly query: readonly Placed[];
  readonly headers: readonly Placed[];
  /** Maps whose keys follow a prefix, such as `x-amz-meta-`. */
  readonly prefixed: readonly Placed[];
  readonly status: string | undefined;
  readonly payload: Placed | undefined;
  /** The members in a body that is a document. */
  readonly body: readonly string[];
}

export interface Placed {
  readonly name: string;
  readonly wireName: string;
  readonly member: Member;
}

/** How a structure is spread over a request or a reply. */
export const planOf = perShape((model: ServiceModel, shapeName: string): MemberPlan => {
  const shape = structureOf(model, shapeName);
  const placed = Object.entries(shape.members).map(([name, member]) => ({
    name,
    wireName: member.locationName ?? name,
    member,
  }));
  const at = (location: string) => placed.filter(({ member }) => member.location === location);
  const lower = (one: Placed): Placed => ({ ...one, wireName: one.wireName.toLowerCase() });
  return {
    shape,
    uri: at("uri"),
    query: at("querystring"),
    headers: at("header").map(lower),
    prefixed: at("headers").map(lower),
    status: at("statusCode")[0]?.name,
    payload: placed.find(({ name }) => name === shape.payload),
    body: placed.filter(({ name, member }) => !member.location && name !== shape.payload).map(({ name }) => name),
  };
});

/** Makes the protocol's error for a text that is no value of its member's type. */
export type BadText = (placed: Placed, text: string) => Error;

/** Reads all members that are not in the body. */
export function readPlacedMembers(
  model: ServiceModel,
  plan: MemberPlan,
  request: WireRequest,
  labels: Readonly<Record<string, string>>,
  badText: BadText,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const read = (placed: Placed, text: string) => {
    const value = parseText(model, placed, text);
    if (value === undefined) throw badText(placed, text);
    input[placed.name] = value;
  };
  for (const placed of plan.uri) read(placed, labels[placed.wireName] ?? "");
  for (const placed of plan.query) readQuery(model, placed, request, input, read);
  for (const placed of plan.headers) {
    const text = headerText(request.headers, placed.wireName);
    if (text !== undefined) read(placed, text);
  }
  for (const placed of plan.prefixed) {
    const map = prefixedHeaders(request.headers, placed.wireName);
    if (map) input[placed.name] = map;
  }
  return input;
}

function readQuery(
  model: ServiceModel,
  placed: Placed,
  request: WireRequest,
  input: Record<string, unknown>,
  read: (placed: Placed, text: string) => void,
): void {
  const values = request.parameters.filter(({ name }) => name === placed.wireName).map(({ value }) => value);
  const [first] = values;
  if (first === undefined) return;
  if (shapeOf(model, placed.member.shape).type === "list") input[placed.name] = values;
  else read(placed, first);
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

function prefixedHeaders(headers: IncomingHttpHeaders, prefix: string): Record<string, string> | undefined {
  const map: Record<string, string> = {};
  let any = false;
  for (const name of Object.keys(headers)) {
    if (!name.startsWith(prefix) || name.length === prefix.length) continue;
    setOwn(map, name.slice(prefix.length), headerText(headers, name) ?? "");
    any = true;
  }
  return any ? map : undefined;
}

/** A header's, label's or parameter's text as a value of its type; undefined when it is none. */
function parseText(model: ServiceModel, { member }: Placed, text: string): unknown {
  const shape = shapeOf(model, member.shape);
  switch (shape.type) {
    case "list":
      return text
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean);
    case "structure":
    case "map":
      throw new InvariantError(`${member.shape} stands in a header or query of ${model.name}`);
    default:
      return parseScalar(shape, text);
  }
}

/** The headers that an output's members become. */
export function writeHeaders(
  model: ServiceModel,
  plan: MemberPlan,
  output: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, wireName, member } of plan.headers) {
    const value = output[name];
    if (value !== undefined && value !== null) headers[wireName] = headerValue(formatText(model, member, value));
  }
  for (const { name, wireName } of plan.prefixed) {
    const map = output[name];
    if (typeof map !== "object" || map === null) continue;
    for (const [key, value] of Object.entries(map))
      headers[`${wireName}${key.toLowerCase()}`] = headerValue(String(value));
  }
  return headers;
}

function formatText(model: ServiceModel, member: Member, value: unknown): string {
  const shape = shapeOf(model, member.shape);
  if (shape.type === "timestamp")
    return formatTimestamp(epochMs(value), timestampFormat(member, shape, "rfc822"), true);
  if (Array.isArray(value)) return value.join(",");
  return String(value);
}

/** Text beyond Latin-1 goes out as the bytes of UTF-8; line ends and other controls cannot be sent at all. */
function headerValue(text: string): string {
  const bytes = /[\u0100-\uffff]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
  return bytes.replace(/\p{Cc}/gu, (control) => (control === "\t" || control >= "\u0080" ? control : " "));
}
