import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { readCode } from "./find.ts";
import { givenCode } from "./given-settings.ts";
import { onLayer, toLayerVersion } from "./layer-version.ts";

/**
 * Publishes a zip as the next version of a layer, and the layer with its first one.
 *
 * Errors: `InvalidParameterValueException` for content that cannot be unpacked. Source: Lambda API reference,
 * PublishLayerVersion.
 */
export const publishLayerVersion = served({
  name: "PublishLayerVersion",
  access: ({ LayerName, Content }, _, call) => [
    ...onLayer("PublishLayerVersion", LayerName, call),
    ...readCode(Content),
  ],
  async run(input, { layers }, call) {
    const published = await layers.publish({
      ...homeOf(call),
      name: input.LayerName,
      code: givenCode(input.Content),
      description: input.Description ?? "",
      runtimes: input.CompatibleRuntimes ?? [],
      architectures: input.CompatibleArchitectures ?? [],
      ...(input.LicenseInfo !== undefined && { license: input.LicenseInfo }),
    });
    return toLayerVersion(published);
  },
});
