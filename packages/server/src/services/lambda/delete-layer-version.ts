import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { onLayer } from "./layer-version.ts";

/** Deletes a version of a layer; functions that have it keep it. Source: Lambda API reference, DeleteLayerVersion. */
export const deleteLayerVersion = served({
  name: "DeleteLayerVersion",
  access: ({ LayerName, VersionNumber }, _, call) => onLayer("DeleteLayerVersion", LayerName, call, VersionNumber),
  async run({ LayerName, VersionNumber }, { layers }, call) {
    await layers.delete({ ...homeOf(call), reference: LayerName, version: VersionNumber });
    return {};
  },
});
