/** The query protocol of STS and IAM: a form with `Action` in, XML out. */
import { ServiceError } from "../error.ts";
import { type Member, type ServiceModel, setOwn, shapeOf, structureOf } from "../model.ts";
import type { WireRequest } from "../request.ts";
import { parseScalar } from "../scalar.ts";
import { parseQuery, type QueryParameter } from "../uri.ts";
import { violationText } from "../validate.ts";
import { encodeXmlMembers } from "../xml/shapes.ts";
import { attribute, element, escapeXml } from "../xml/write.ts";
import { type Reply, splitDetail, type WireProtocol } from "./protocol.ts";

/** Unit: bytes. Policies have 10,240 characters at most. */
const BODY_BYTES_MAX = 1024 * 1024;
/** Of one form. */
const FIELDS_MAX = 5_000;
/** Of one list. */
const ITEMS_MAX = 1_000;

type Fields = ReadonlyMap<string, string>;

export const queryProtocol: WireProtocol = {
  bodyBytesMax: () => BODY_BYTES_MAX,

  open(_model, request, body) {
    const fields = readFields(request, body);
    const name = fields.get("Action");
    if (!name) throw new ServiceError("MissingAction", "The request is missing an action or a required parameter.");
    return { name, document: fields };
  },

  parse(model, { name, document }) {
    const shapeName = model.operations[name]?.input;
    if (!shapeName) return {};
    const fields = document as Fields; // What `open` made.
    const input = decodeStructure(model, shapeName, "", fields);
    return input ?? {};
  },

  invalid: (model, violations) =>
    new ServiceError("ValidationError", violationText(violations, model.name === "iam" ? "silent" : "echo")),

  reply(model, name, output, requestId) {
    const shapeName = model.operations[name]?.output;
    const result = shapeName ? element(`${name}Result`, encodeOutput(model, shapeName, output)) : "";
    const metadata = element("ResponseMetadata", element("RequestId", escapeXml(requestId)));
    return reply(
      200,
      element(`${name}Response`, result + metadata, attribute("xmlns", model.xmlNamespace ?? "")),
      requestId,
    );
  },

  errorReply(model, error, requestId) {
    const { headers, rest } = splitDetail(error);
    const parts = [
      element("Type", error.status < 500 ? "Sender" : "Receiver"),
      element("Code", escapeXml(error.code)),
      element("Message", escapeXml(error.message)),
      ...rest.map(([name, value]) => element(name, escapeXml(String(value)))),
    ];
    const markup = element("Error", parts.join("")) + element("RequestId", escapeXml(requestId));
    const namespace = model?.xmlNamespace ? attribute("xmlns", model.xmlNamespace) : "";
    return reply(error.status, element("ErrorResponse", markup, namespace), requestId, headers);
  },

  denied: (message) => new ServiceError("AccessDenied", message, 403),
  unknownOperation: (name) => new ServiceError("InvalidAction", `Could not find operation ${name.slice(0, 100)}`),
  tooLarge: (bytesMax) =>
    new ServiceError("RequestEntityTooLarge", `Request must be smaller than ${bytesMax} bytes`, 413),
  internal: () =>
    new ServiceError(
      "InternalFailure",
      "The request processing has failed because of an unknown error, exception or failure.",
      500,
    ),
};

function reply(status: number, markup: string, requestId: string, extra: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { ...extra, "x-amzn-requestid": requestId, "content-type": "text/xml" }, body: markup };
}

function encodeOutput(model: ServiceModel, shapeName: string, output: Readonly<Record<string, unknown>>): string {
  const shape = structureOf(model, shapeName);
  return encodeXmlMembers(model, shape, Object.keys(shape.members), output, { fraction: false });
}

/** The form in the body, and what stands in the query, as a presigned request has it. */
function readFields(request: WireRequest, body: Buffer | undefined): Fields {
  const form: readonly QueryParameter[] = body ? parseQuery(body.toString("utf8")) : [];
  const all = [...request.parameters, ...form];
  if (all.length > FIELDS_MAX) throw malformed("The request has too many parameters");
  return new Map(all.map(({ name, value }) => [name, value]));
}

function malformed(message: string): ServiceError {
  return new ServiceError("MalformedQueryString", message);
}

/** A structure from the fields below a prefix such as `Tags.member.1.`; undefined when there is none. */
function decodeStructure(
  model: ServiceModel,
  shapeName: string,
  prefix: string,
  fields: Fields,
): Record<string, unknown> | undefined {
  const structure: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(structureOf(model, shapeName).members)) {
    const value = decodeField(model, member, prefix + (member.locationName ?? name), fields);
    if (value !== undefined) structure[name] = value;
  }
  return Object.keys(structure).length > 0 ? structure : undefined;
}

function decodeField(model: ServiceModel, member: Member, path: string, fields: Fields): unknown {
  const shape = shapeOf(model, member.shape);
  switch (shape.type) {
    case "structure":
      return decodeStructure(model, member.shape, `${path}.`, fields);
    case "list": {
      const base = shape.flattened || member.flattened ? path : `${path}.${shape.member.locationName ?? "member"}`;
      return (
        decodeItems(base, (itemPath) => decodeField(model, shape.member, itemPath, fields)) ?? emptyList(path, fields)
      );
    }
    case "map": {
      const map: Record<string, unknown> = {};
      const entries = decodeItems(`${path}.entry`, (entry) => {
        const key = fields.get(`${entry}.${shape.key.locationName ?? "key"}`);
        const value = decodeField(model, shape.value, `${entry}.${shape.value.locationName ?? "value"}`, fields);
        if (key !== undefined) setOwn(map, key, value);
        return key;
      });
      return entries && map;
    }
    default: {
      const text = fields.get(path);
      if (text === undefined) return undefined;
      const value = parseScalar(shape, text);
      if (value === undefined) throw malformed(`'${text.slice(0, 100)}' is no value of ${path}`);
      return value;
    }
  }
}

/** SDKs send an empty list as a bare name. */
function emptyList(path: string, fields: Fields): readonly unknown[] | undefined {
  return fields.get(path) === "" ? [] : undefined;
}

/** Items count from 1 without a gap. */
function decodeItems(path: string, decode: (path: string) => unknown): unknown[] | undefined {
  const items: unknown[] = [];
  for (let number = 1; number <= ITEMS_MAX; number++) {
    const item = decode(`${path}.${number}`);
    if (item === undefined) break;
    items.push(item);
  }
  return items.length > 0 ? items : undefined;
}
