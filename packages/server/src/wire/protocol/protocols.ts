import type { Protocol } from "../model.ts";
import { jsonProtocol } from "./json.ts";
import type { WireProtocol } from "./protocol.ts";
import { queryProtocol } from "./query.ts";
import { restJsonProtocol } from "./rest-json.ts";
import { restXmlProtocol } from "./rest-xml.ts";

/** The protocols by the names that models use. */
export const protocols: Readonly<Record<Protocol, WireProtocol>> = {
  json: jsonProtocol,
  "rest-json": restJsonProtocol,
  "rest-xml": restXmlProtocol,
  query: queryProtocol,
};
