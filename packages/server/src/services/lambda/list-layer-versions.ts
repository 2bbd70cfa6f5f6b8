import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { kept, toListItem } from "./layer-version.ts";
import { markerOf, readMarker } from "./marker.ts";

/** Versions on a page. Source: Lambda API reference, ListLayerVersions, `MaxItems`. */
const PAGE_COUNT_MAX = 50;

/** Lists versions of a layer, newest first; none for a layer that is not there. Source: API reference, ListLayerVersions. */
export const listLayerVersions = served({
  name: "ListLayerVersions",
  access: () => [{ action: "lambda:ListLayerVersions", resource: "*" }],
  async run(input, { layers }, call) {
    const limit = Math.min(input.MaxItems ?? PAGE_COUNT_MAX, PAGE_COUNT_MAX);
    const page = await layers.listVersions(homeOf(call), input.LayerName, { ...readMarker(input.Marker), limit });
    return { LayerVersions: kept(page, input).map(toListItem), ...markerOf(page.next) };
  },
});
