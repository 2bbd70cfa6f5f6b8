import { Readable } from "node:stream";
import type { GetObjectCommandOutput, S3 } from "@aws-sdk/client-s3";
import { nameOf } from "../failure-of.ts";
import type { JobCredentials, ObjectCalls, ObjectPlace, WriteOptions } from "../surroundings.ts";

/** S3 wants one algorithm named at the beginning, used for all parts, and their checksums at the end. */
const CHECKED = { ChecksumAlgorithm: "CRC32" } as const;

/** S3 with credentials that are asked for as needed, or with the function's own. Follows a bucket into its region. */
export function objectCalls(credentials?: () => Promise<JobCredentials>): ObjectCalls {
  let loading: Promise<S3> | undefined;
  const s3 = () => {
    loading ??= import("@aws-sdk/client-s3").then((sdk) => {
      const provider = credentials && { credentials: async () => toIdentity(await credentials()) };
      return new sdk.S3({ followRegionRedirects: true, ...provider });
    });
    return loading;
  };
  const get = async (place: ObjectPlace, more?: { readonly Range: string; readonly IfMatch?: string | undefined }) =>
    await (await s3()).getObject({ ...named(place), ...more });
  return {
    async readTail(place, lastBytes) {
      const output = await get(place, { Range: `bytes=-${lastBytes}` }).catch(emptyIfNoRange);
      const [, start = 0, totalBytes = output.ContentLength ?? 0] =
        /^bytes (\d+)-\d+\/(\d+)$/.exec(output.ContentRange ?? "") ?? [];
      return { body: bodyOf(output), start: Number(start), totalBytes: Number(totalBytes), etag: output.ETag };
    },
    async readRange(place, start, end, etag) {
      return bodyOf(await get(place, { Range: `bytes=${start}-${end - 1}`, IfMatch: etag }));
    },
    async read(place) {
      return bodyOf(await get(place));
    },
    async put(place, body, options) {
      await (await s3()).putObject({ ...named(place), ...written(options), Body: body });
    },
    async startUpload(place, options) {
      const upload = { ...named(place), ...written(options), ...CHECKED };
      return (await (await s3()).createMultipartUpload(upload)).UploadId ?? "";
    },
    async uploadPart(place, uploadId, partNumber, body) {
      const part = { ...named(place), UploadId: uploadId, PartNumber: partNumber, Body: body, ...CHECKED };
      const { ETag: etag = "", ChecksumCRC32: crc32 } = await (await s3()).uploadPart(part);
      return { etag, crc32 };
    },
    async completeUpload(place, uploadId, uploaded) {
      const parts = uploaded.map(({ etag, crc32 }, index) => ({
        ETag: etag,
        PartNumber: index + 1,
        ChecksumCRC32: crc32,
      }));
      const upload = { ...named(place), UploadId: uploadId, MultipartUpload: { Parts: parts } };
      await (await s3()).completeMultipartUpload(upload);
    },
    async abortUpload(place, uploadId) {
      await (await s3()).abortMultipartUpload({ ...named(place), UploadId: uploadId });
    },
  };
}

const toIdentity = ({ expiresAt, ...keys }: JobCredentials) => ({ ...keys, expiration: new Date(expiresAt) });

const named = ({ bucket, key }: ObjectPlace) => ({ Bucket: bucket, Key: key });

const written = ({ contentType, kmsKeyId }: WriteOptions) => ({
  ContentType: contentType,
  ...(kmsKeyId !== undefined && { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: kmsKeyId }),
});

/** In Node the SDK's stream is Node's. */
const bodyOf = (output: { readonly Body?: GetObjectCommandOutput["Body"] | undefined }): Readable =>
  (output.Body ?? Readable.from([])) as Readable;

/** An object without bytes has no range to give. */
function emptyIfNoRange(error: unknown): Partial<GetObjectCommandOutput> {
  if (nameOf(error) !== "InvalidRange") throw error;
  return {};
}
