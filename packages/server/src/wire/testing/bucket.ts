import { Readable } from "node:stream";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { model } from "../../services/s3/model.generated.ts";
import type { Operations, PutObjectInput } from "../../services/s3/shapes.generated.ts";
import { ServiceError } from "../error.ts";
import { service } from "../service.ts";
import { trailersOf } from "../signature/payload.ts";
import { clientOptions, type Listening } from "./listen.ts";

export interface Bucket {
  /** What operations were given, without their bodies. */
  readonly inputs: { readonly name: string; readonly input: object }[];
  readonly objects: Map<string, { readonly body: Buffer; readonly input: PutObjectInput }>;
  readonly trailers: Readonly<Record<string, string>>[];
}

export async function readAll(body: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

export function startBucket() {
  const bucket: Bucket = { inputs: [], objects: new Map(), trailers: [] };
  const note = (name: string, input: object) => bucket.inputs.push({ name, input });
  const s3 = service<Bucket, Operations>({
    model,
    context: bucket,
    operations: {
      ListBuckets: {
        name: "ListBuckets",
        run: async () => ({ Buckets: [{ Name: "b & c", CreationDate: 1_790_648_060_701 }], Owner: { ID: "o" } }),
      },
      PutObject: {
        name: "PutObject",
        async run(input, { objects, trailers }) {
          const body = await readAll(input.Body);
          trailers.push(trailersOf(input.Body));
          objects.set(`${input.Bucket} ${input.Key}`, { body, input });
          return { ETag: '"e"' };
        },
      },
      GetObject: {
        name: "GetObject",
        async run({ Bucket, Key, Range, IfNoneMatch }, { objects }) {
          const found = objects.get(`${Bucket} ${Key}`);
          if (!found) throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404, { Key });
          if (IfNoneMatch) throw new ServiceError("NotModified", "Not Modified", 304, { headers: { etag: '"e"' } });
          const { body, input } = found;
          const part = Range ? body.subarray(0, 2) : body;
          return {
            Body: Readable.from([part]),
            ContentLength: part.length,
            ...(Range && { ContentRange: `bytes 0-1/${body.length}` }),
            Metadata: input.Metadata ?? {},
            LastModified: 1_790_648_060_000,
          };
        },
      },
      HeadObject: {
        name: "HeadObject",
        async run({ Bucket, Key }, { objects }) {
          const found = objects.get(`${Bucket} ${Key}`);
          if (!found) throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404, { Key });
          return { ContentLength: found.body.length, ETag: '"e"' };
        },
      },
      ListObjectsV2: {
        name: "ListObjectsV2",
        async run(input) {
          note("ListObjectsV2", input);
          const Contents = [{ Key: "a<b>&\u0001", Size: 1 }, { Key: "c" }];
          return { Name: input.Bucket, Contents, CommonPrefixes: [{ Prefix: "p/" }], KeyCount: 2, IsTruncated: false };
        },
      },
      UploadPart: {
        name: "UploadPart",
        async run({ Body, PartNumber, UploadId }) {
          return { ETag: `"${PartNumber} ${UploadId} ${(await readAll(Body)).length}"` };
        },
      },
      CompleteMultipartUpload: {
        name: "CompleteMultipartUpload",
        async run(input) {
          note("CompleteMultipartUpload", input);
          return { Location: "l", ETag: '"e-2"' };
        },
      },
      DeleteObjects: {
        name: "DeleteObjects",
        async run(input) {
          note("DeleteObjects", input);
          return { Deleted: [{ Key: "a" }], Errors: [{ Key: "b", Code: "AccessDenied", Message: "no" }] };
        },
      },
      PutBucketVersioning: {
        name: "PutBucketVersioning",
        async run(input) {
          note("PutBucketVersioning", input);
          return {};
        },
      },
      PutBucketPolicy: {
        name: "PutBucketPolicy",
        async run(input) {
          note("PutBucketPolicy", input);
          return {};
        },
      },
      GetBucketPolicy: { name: "GetBucketPolicy", run: async () => ({ Policy: '{"Version":"2012-10-17"}' }) },
      GetBucketLocation: { name: "GetBucketLocation", run: async () => ({ LocationConstraint: "eu-west-1" }) },
    },
  });
  return { bucket, s3 };
}

export const client = (server: Listening) => new S3Client({ ...clientOptions(server), forcePathStyle: true });

export const put = (Key: string, Body: string | Buffer | Readable = "x") =>
  new PutObjectCommand({ Bucket: "b", Key, Body });
