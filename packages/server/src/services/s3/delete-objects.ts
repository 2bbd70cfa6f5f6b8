import type { Deleted } from "../../objects/object-store.ts";
import { ServiceError } from "../../wire/error.ts";
import { type Call, operation } from "../../wire/operation.ts";
import { objectAccess } from "./access.ts";
import { type Input, type Output, requireBucket, type S3 } from "./context.ts";
import { accessDenied, malformedXml, notImplemented } from "./errors.ts";
import { given } from "./given.ts";
import type { ObjectIdentifier } from "./shapes.generated.ts";

/** Source: S3 API reference, DeleteObjects. */
const OBJECTS_COUNT_MAX = 1000;

/**
 * Deletes up to a thousand objects in one commit. What the caller may not delete, or what is another than it says, is
 * told key by key and holds back nothing else. Errors: `NoSuchBucket`, `MalformedXML`.
 * Source: S3 API reference, DeleteObjects.
 */
export const deleteObjects = operation<S3, Input<"DeleteObjects">, Output<"DeleteObjects">>({
  name: "DeleteObjects",
  async access(input, s3, call) {
    await requireBucket(s3, input, call);
    return [];
  },
  async run(input, { objects }, call) {
    const { Objects, Quiet } = input.Delete;
    if (Objects.length === 0 || Objects.length > OBJECTS_COUNT_MAX) throw malformedXml();
    const refusals = await Promise.all(Objects.map((one) => refusalOf(nameIn(input, one), one, call)));
    const wanted = Objects.filter((_, index) => !refusals[index]);
    const results = await objects.deleteVersions(
      input.Bucket,
      wanted.map((one) => ({ ...nameIn(input, one), ifMatch: one.ETag })),
    );
    const left = results.values();
    const outcomes = Objects.map((one, index) => ({ one, result: refusals[index] ?? left.next().value }));
    const Errors = outcomes.flatMap(({ one, result }) => (result instanceof ServiceError ? failed(one, result) : []));
    const Deleted = outcomes.flatMap(({ one, result }) =>
      result instanceof ServiceError ? [] : (shown(one, result) ?? []),
    );
    return { ...(!Quiet && { Deleted }), ...(Errors.length > 0 && { Errors }) };
  },
});

function nameIn({ Bucket }: Input<"DeleteObjects">, { Key, VersionId }: ObjectIdentifier) {
  return { bucket: Bucket, key: Key, versionId: VersionId };
}

async function refusalOf(
  name: ReturnType<typeof nameIn>,
  { LastModifiedTime, Size }: ObjectIdentifier,
  call: Call,
): Promise<ServiceError | undefined> {
  // These conditions are for directory buckets.
  if (LastModifiedTime !== undefined || Size !== undefined) return notImplemented("Delete");
  const answer = await call.authorize?.(objectAccess(name, "s3:DeleteObject", "s3:DeleteObjectVersion"));
  return answer?.allowed === false ? accessDenied(answer.message) : undefined;
}

/** A marker that was made or removed is shown by its own id, beside the version that was asked for. */
function shown({ Key, VersionId }: ObjectIdentifier, deleted: Deleted | undefined) {
  if (!deleted) return undefined;
  const marker = deleted.deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: deleted.versionId } : {};
  return given({ Key, VersionId, ...marker });
}

function failed({ Key, VersionId }: ObjectIdentifier, { code, message }: ServiceError) {
  return given({ Key, VersionId, Code: code, Message: message });
}
