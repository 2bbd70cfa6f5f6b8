import { type LayerPage, type LayerVersion, layerArn } from "../../functions/layers.ts";
import type { Access, Call } from "../../wire/operation.ts";
import type {
  Architecture,
  GetLayerVersionOutput,
  LayerVersionsListItem,
  ListLayerVersionsInput,
  Runtime,
} from "./shapes.generated.ts";

/** The right to an operation on a layer, or on one of its versions. */
export function onLayer(
  action: string,
  reference: string,
  { region, principal }: Call,
  version?: number,
): readonly Access[] {
  return [{ action: `lambda:${action}`, resource: layerArn(region, principal.account, reference, version) }];
}

/** A layer's version as Lambda lists it. */
export function toListItem(layer: LayerVersion): LayerVersionsListItem {
  return {
    LayerVersionArn: layer.versionArn,
    Version: layer.version,
    Description: layer.description,
    CreatedDate: new Date(layer.createdAt).toISOString().replace("Z", "+0000"),
    // They came through the model's lists.
    CompatibleRuntimes: layer.runtimes as readonly Runtime[],
    CompatibleArchitectures: layer.architectures as readonly Architecture[],
    ...(layer.license !== undefined && { LicenseInfo: layer.license }),
  };
}

/** The same with its content, which is not offered for download: `Location` is absent. */
export function toLayerVersion(layer: LayerVersion): GetLayerVersionOutput {
  const Content = { CodeSha256: layer.codeSha256, CodeSize: layer.codeBytes };
  return { ...toListItem(layer), LayerArn: layer.arn, Content };
}

/** The versions of a page that a filter keeps. A page may thus be shorter than asked for, as in Lambda. */
export function kept(
  { versions }: LayerPage,
  {
    CompatibleRuntime,
    CompatibleArchitecture,
  }: Pick<ListLayerVersionsInput, "CompatibleRuntime" | "CompatibleArchitecture">,
): readonly LayerVersion[] {
  return versions.filter(
    ({ runtimes, architectures }) =>
      (CompatibleRuntime === undefined || runtimes.includes(CompatibleRuntime)) &&
      (CompatibleArchitecture === undefined || architectures.includes(CompatibleArchitecture)),
  );
}
