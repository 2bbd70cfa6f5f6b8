import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { kept, toListItem } from "./layer-version.ts";
import { markerOf, readMarker } from "./marker.ts";

/** Layers on a page. Source: Lambda API reference, ListLayers, `MaxItems`. */
const PAGE_COUNT_MAX = 50;

/** Lists layers by name, each with its newest version. Source: Lambda API reference, ListLayers. */
export const listLayers = served({
  name: "ListLayers",
  access: () => [{ action: "lambda:ListLayers", resource: "*" }],
  async run(input, { layers }, call) {
    const limit = Math.min(input.MaxItems ?? PAGE_COUNT_MAX, PAGE_COUNT_MAX);
    const page = await layers.list(homeOf(call), { ...readMarker(input.Marker), limit });
    const shown = kept(page, input).map((layer) => ({
      LayerName: layer.name,
      LayerArn: layer.arn,
      LatestMatchingVersion: toListItem(layer),
    }));
    return { Layers: shown, ...markerOf(page.next) };
  },
});
