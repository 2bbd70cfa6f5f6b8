import { served } from "./context.ts";
import { latestTarget, onFunction } from "./find.ts";
import { toConfiguration } from "./function-configuration.ts";
import { markerOf, readMarker } from "./marker.ts";

/** Versions on a page, however many are asked for. Source: Lambda API reference, ListVersionsByFunction. */
const PAGE_COUNT_MAX = 50;

/**
 * Lists `$LATEST` and every published version, oldest first.
 *
 * Errors: `ResourceNotFoundException`. Source: Lambda API reference, ListVersionsByFunction.
 */
export const listVersionsByFunction = served({
  name: "ListVersionsByFunction",
  access: ({ FunctionName }, _, call) => onFunction("ListVersionsByFunction", FunctionName, call),
  async run({ FunctionName, Marker, MaxItems = PAGE_COUNT_MAX }, { registry }, call) {
    const limit = Math.min(MaxItems, PAGE_COUNT_MAX);
    const page = await registry.listVersions(latestTarget(FunctionName, call), { ...readMarker(Marker), limit });
    return {
      Versions: page.functions.map((each) => toConfiguration(each, each.version === "$LATEST" ? "$LATEST" : undefined)),
      ...markerOf(page.next),
    };
  },
});
