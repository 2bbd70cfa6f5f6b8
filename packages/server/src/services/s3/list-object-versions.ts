import type { ListedVersion } from "../../objects/object-store.ts";
import { operation } from "../../wire/operation.ts";
import type { Input, Output, S3 } from "./context.ts";
import { invalidArgument } from "./errors.ts";
import { given } from "./given.ts";
import { listAccess, listedObject } from "./list-entries.ts";
import { ownerOf } from "./owner.ts";
import { keyEncoder, pageLimit } from "./page.ts";

/** Errors: `NoSuchBucket`, `InvalidArgument`. Source: S3 API reference, ListObjectVersions. */
export const listObjectVersions = operation<S3, Input<"ListObjectVersions">, Output<"ListObjectVersions">>({
  name: "ListObjectVersions",
  access: listAccess("s3:ListBucketVersions"),
  async run(input, { objects }) {
    const { account } = await objects.bucket(input.Bucket);
    const { Bucket, Prefix = "", Delimiter, KeyMarker = "", VersionIdMarker } = input;
    if (VersionIdMarker && KeyMarker === "") throw markerWithoutKey(VersionIdMarker);
    const limit = pageLimit(input.MaxKeys, "max-keys");
    const page = await objects.listVersions({
      bucket: Bucket,
      prefix: Prefix,
      delimiter: Delimiter,
      after: KeyMarker,
      afterVersionId: VersionIdMarker || undefined,
      limit,
    });
    const encode = keyEncoder(input.EncodingType);
    return given({
      Name: Bucket,
      Prefix: encode(Prefix),
      KeyMarker: encode(KeyMarker),
      VersionIdMarker: VersionIdMarker ?? "",
      MaxKeys: limit,
      Delimiter: Delimiter && encode(Delimiter),
      EncodingType: input.EncodingType,
      IsTruncated: page.next !== undefined,
      NextKeyMarker: page.next && encode(page.next.key),
      NextVersionIdMarker: page.next?.versionId,
      Versions: page.versions.filter(isObject).map((version) => ({
        ...listedObject(version, encode, account),
        VersionId: version.versionId,
        IsLatest: version.isLatest,
      })),
      DeleteMarkers: page.versions
        .filter((version) => !isObject(version))
        .map((marker) => ({
          Key: encode(marker.key),
          VersionId: marker.versionId,
          IsLatest: marker.isLatest,
          LastModified: marker.lastModified,
          Owner: ownerOf(account),
        })),
      CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    });
  },
});

function isObject(version: ListedVersion): boolean {
  return !version.isDeleteMarker;
}

const markerWithoutKey = (marker: string) =>
  invalidArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker", marker);
