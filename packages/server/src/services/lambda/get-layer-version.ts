import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { onLayer, toLayerVersion } from "./layer-version.ts";

/** Shows a version of a layer. Errors: `ResourceNotFoundException`. Source: Lambda API reference, GetLayerVersion. */
export const getLayerVersion = served({
  name: "GetLayerVersion",
  access: ({ LayerName, VersionNumber }, _, call) => onLayer("GetLayerVersion", LayerName, call, VersionNumber),
  async run({ LayerName, VersionNumber }, { layers }, call) {
    return toLayerVersion(await layers.get({ ...homeOf(call), reference: LayerName, version: VersionNumber }));
  },
});
