import { toAliasConfiguration } from "./alias-configuration.ts";
import { served } from "./context.ts";
import { onFunction, wholeTarget } from "./find.ts";
import { markerOf, readMarker } from "./marker.ts";

/** Aliases on a page, however many are asked for. Source: our choice, as for versions. */
const PAGE_COUNT_MAX = 50;

/** Lists aliases by name. Errors: `ResourceNotFoundException`. Source: Lambda API reference, ListAliases. */
export const listAliases = served({
  name: "ListAliases",
  access: ({ FunctionName }, _, call) => onFunction("ListAliases", FunctionName, call),
  async run({ FunctionName, FunctionVersion, Marker, MaxItems = PAGE_COUNT_MAX }, { aliases }, call) {
    const page = await aliases.list(wholeTarget(FunctionName, call), {
      ...readMarker(Marker),
      limit: Math.min(MaxItems, PAGE_COUNT_MAX),
      ...(FunctionVersion !== undefined && { version: FunctionVersion }),
    });
    return { Aliases: page.aliases.map(toAliasConfiguration), ...markerOf(page.next) };
  },
});
