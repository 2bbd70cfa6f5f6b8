import type { Deleted } from "../../objects/object-store.ts";
import { operation } from "../../wire/operation.ts";
import { objectAccess } from "./access.ts";
import { type Input, type Output, requireBucket, type S3 } from "./context.ts";
import { malformedXml } from "./errors.ts";
import { given } from "./given.ts";
import type { ObjectIdentifier } from "./shapes.generated.ts";

/** Source: S3 API reference, DeleteObjects. */
const OBJECTS_COUNT_MAX = 1000;

/** Deletes up to a thousand objects in one commit. Errors: `NoSuchBucket`, `MalformedXML`. Source: S3 API reference, DeleteObjects. */
export const deleteObjects = operation<S3, Input<"DeleteObjects">, Output<"DeleteObjects">>({
  name: "DeleteObjects",
  async access(input, s3, call) {
    await requireBucket(s3, input, call);
    return namesIn(input).map((name) => objectAccess(name, "s3:DeleteObject", "s3:DeleteObjectVersion"));
  },
  async run(input, { objects }) {
    const { Objects, Quiet } = input.Delete;
    if (Objects.length === 0 || Objects.length > OBJECTS_COUNT_MAX) throw malformedXml();
    const deleted = await objects.deleteVersions(input.Bucket, namesIn(input));
    if (Quiet) return {};
    return { Deleted: Objects.flatMap((one, index) => shown(one, deleted[index]) ?? []) };
  },
});

function namesIn({ Bucket, Delete: { Objects } }: Input<"DeleteObjects">) {
  return Objects.map(({ Key, VersionId }) => ({ bucket: Bucket, key: Key, versionId: VersionId }));
}

/** A marker that was made or removed is shown by its own id, beside the version that was asked for. */
function shown({ Key, VersionId }: ObjectIdentifier, deleted: Deleted | undefined) {
  if (!deleted) return undefined;
  const marker = deleted.deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: deleted.versionId } : {};
  return given({ Key, VersionId, ...marker });
}
