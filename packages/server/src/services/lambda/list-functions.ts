import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { notSupported } from "./errors.ts";
import { toConfiguration } from "./function-configuration.ts";
import { markerOf, readMarker } from "./marker.ts";

/** Functions on a page, however many are asked for. Source: Lambda API reference, ListFunctions. */
const PAGE_COUNT_MAX = 50;

/** Lists the functions of a region by name. Source: Lambda API reference, ListFunctions. */
export const listFunctions = served({
  name: "ListFunctions",
  access: () => [{ action: "lambda:ListFunctions", resource: "*" }],
  async run({ Marker, MaxItems = PAGE_COUNT_MAX, FunctionVersion }, { registry }, call) {
    if (FunctionVersion !== undefined) {
      throw notSupported("FunctionVersion ALL", "ask ListVersionsByFunction for the versions of one function");
    }
    const page = await registry.list(homeOf(call), {
      ...readMarker(Marker),
      limit: Math.min(MaxItems, PAGE_COUNT_MAX),
    });
    return { Functions: page.functions.map((each) => toConfiguration(each)), ...markerOf(page.next) };
  },
});
