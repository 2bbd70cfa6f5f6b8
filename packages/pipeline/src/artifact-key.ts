import { ARTIFACT_KEY_ARTIFACT_CHARS_MAX, ARTIFACT_KEY_PIPELINE_CHARS_MAX } from "./limits.ts";

/**
 * The place of one artifact in the artifact store: `<pipeline>/<artifact>/<random><extension>`.
 *
 * Both names are cut, so two pipelines may share a folder; only the random part keeps their objects apart. Nothing is
 * trimmed after the cut: a name may end in `-`.
 *
 * `random` is `ARTIFACT_KEY_RANDOM_CHARS` letters and digits, new for every action execution; continuation keeps them.
 * `extension` carries its dot. Only a source action has one (see `extensionOf`); outputs of other actions have none.
 *
 * Source: reference §6.2, observed.
 */
export function artifactKey(place: {
  readonly pipelineName: string;
  readonly artifactName: string;
  readonly random: string;
  readonly extension?: string;
}): string {
  const pipeline = place.pipelineName.slice(0, ARTIFACT_KEY_PIPELINE_CHARS_MAX);
  const artifact = place.artifactName.slice(0, ARTIFACT_KEY_ARTIFACT_CHARS_MAX);
  return `${pipeline}/${artifact}/${place.random}${place.extension ?? ""}`;
}

/**
 * The extension, with its dot, that an S3 source action keeps of the key of its source object; empty when there is none.
 * Of several only the last counts, and a leading dot makes a hidden file, not an extension.
 *
 * Source: reference §6.2 for `.zip`; the rest is our choice, the same as file tools make.
 */
export function extensionOf(objectKey: string): string {
  const file = objectKey.slice(objectKey.lastIndexOf("/") + 1);
  const dot = file.lastIndexOf(".");
  return dot > 0 && dot < file.length - 1 ? file.slice(dot) : "";
}
