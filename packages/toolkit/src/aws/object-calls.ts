import { Readable } from "node:stream";
import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { JobCredentials, ObjectCalls, ObjectPlace, WriteOptions } from "../surroundings.ts";

type Sdk = typeof import("@aws-sdk/client-s3");

/** S3 wants one algorithm named at the beginning, used for all parts, and their checksums at the end. */
const CHECKED = { ChecksumAlgorithm: "CRC32" } as const;

/** S3 with credentials that are asked for as needed, or with the function's own. Follows a bucket into its region. */
export function objectCalls(credentials: (() => Promise<JobCredentials>) | undefined): ObjectCalls {
  let loading: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined;
  const load = () => {
    loading ??= import("@aws-sdk/client-s3").then((sdk) => ({ sdk, client: newClient(sdk, credentials) }));
    return loading;
  };
  const get = async (place: ObjectPlace, more: { readonly Range?: string; readonly IfMatch?: string }) => {
    const { sdk, client } = await load();
    return await client.send(new sdk.GetObjectCommand({ ...named(place), ...more }));
  };
  return {
    async readTail(place, lastBytes) {
      const output = await get(place, { Range: `bytes=-${lastBytes}` }).catch(emptyIfNoRange);
      const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(output.ContentRange ?? "");
      const totalBytes = range ? Number(range[2]) : (output.ContentLength ?? 0);
      return { body: bodyOf(output), start: range ? Number(range[1]) : 0, totalBytes, etag: output.ETag };
    },
    async readRange(place, start, end, etag) {
      return bodyOf(
        await get(place, { Range: `bytes=${start}-${end - 1}`, ...(etag !== undefined && { IfMatch: etag }) }),
      );
    },
    async read(place) {
      return bodyOf(await get(place, {}));
    },
    async put(place, body, options) {
      const { sdk, client } = await load();
      await client.send(new sdk.PutObjectCommand({ ...named(place), ...written(options), Body: body }));
    },
    async startUpload(place, options) {
      const { sdk, client } = await load();
      const upload = { ...named(place), ...written(options), ...CHECKED };
      const output = await client.send(new sdk.CreateMultipartUploadCommand(upload));
      return output.UploadId ?? "";
    },
    async uploadPart(place, uploadId, partNumber, body) {
      const { sdk, client } = await load();
      const part = { ...named(place), UploadId: uploadId, PartNumber: partNumber, Body: body, ...CHECKED };
      const { ETag: etag = "", ChecksumCRC32: crc32 } = await client.send(new sdk.UploadPartCommand(part));
      return { etag, crc32 };
    },
    async completeUpload(place, uploadId, uploaded) {
      const { sdk, client } = await load();
      const parts = uploaded.map(({ etag, crc32 }, index) => ({
        ETag: etag,
        PartNumber: index + 1,
        ...(crc32 !== undefined && { ChecksumCRC32: crc32 }),
      }));
      const upload = { ...named(place), UploadId: uploadId, MultipartUpload: { Parts: parts } };
      await client.send(new sdk.CompleteMultipartUploadCommand(upload));
    },
    async abortUpload(place, uploadId) {
      const { sdk, client } = await load();
      await client.send(new sdk.AbortMultipartUploadCommand({ ...named(place), UploadId: uploadId }));
    },
  };
}

function newClient(sdk: Sdk, credentials: (() => Promise<JobCredentials>) | undefined): S3Client {
  const provider = credentials && (async () => toIdentity(await credentials()));
  return new sdk.S3Client({ followRegionRedirects: true, ...(provider && { credentials: provider }) });
}

const toIdentity = ({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: JobCredentials) => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiration: new Date(expiresAt),
});

const named = ({ bucket, key }: ObjectPlace) => ({ Bucket: bucket, Key: key });

const written = ({ contentType, kmsKeyId }: WriteOptions) => ({
  ContentType: contentType,
  ...(kmsKeyId !== undefined && { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: kmsKeyId }),
});

/** In Node the SDK's stream is Node's. */
const bodyOf = (output: { readonly Body?: GetObjectCommandOutput["Body"] | undefined }): Readable =>
  (output.Body ?? Readable.from([])) as Readable;

/** An object without bytes has no range to give. */
function emptyIfNoRange(error: unknown): Pick<GetObjectCommandOutput, "$metadata" | "ContentLength"> & {
  readonly Body?: undefined;
  readonly ContentRange?: undefined;
  readonly ETag?: undefined;
} {
  if (!(error instanceof Error) || error.name !== "InvalidRange") throw error;
  return { ContentLength: 0, $metadata: {} };
}
