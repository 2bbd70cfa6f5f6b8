import type { Upload, UploadName } from "../../objects/object-store.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Access, Call } from "../../wire/operation.ts";
import { decryptAccess, kmsAccess, objectAccess } from "./access.ts";
import { type BucketInput, requireBucket, type S3 } from "./context.ts";
import { invalidArgument } from "./errors.ts";

interface UploadInput extends BucketInput {
  readonly Key: string;
  readonly UploadId: string;
}

/** Source: S3 user guide, "Amazon S3 multipart upload limits". */
const PART_NUMBER_MAX = 10_000;

export function uploadNameOf({ Bucket, Key, UploadId }: UploadInput): UploadName {
  return { bucket: Bucket, key: Key, uploadId: UploadId };
}

/** An action on an upload, which is one on its key; with the use of its KMS key that the service asks for. */
export function onUpload(action: string, kmsAction?: "kms:GenerateDataKey" | "kms:Decrypt") {
  return async (input: UploadInput, s3: S3, call: Call): Promise<readonly Access[]> => {
    await requireBucket(s3, input, call);
    const access = [objectAccess({ bucket: input.Bucket, key: input.Key }, action)];
    const upload = kmsAction && (await findOrNothing(s3, uploadNameOf(input)));
    return upload ? [...access, ...keyAccess(kmsAction, upload, call)] : access;
  };
}

/** Errors: `InvalidArgument`. */
export function checkPartNumber(partNumber: number): void {
  if (partNumber >= 1 && partNumber <= PART_NUMBER_MAX) return;
  throw invalidArgument(
    `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`,
    "partNumber",
    String(partNumber),
  );
}

function keyAccess(action: "kms:GenerateDataKey" | "kms:Decrypt", upload: Upload, call: Call): readonly Access[] {
  if (action === "kms:Decrypt") return decryptAccess(upload, call);
  const { encryption, kmsKeyIsManaged, bucket, key } = upload;
  if (encryption.type === "AES256" || kmsKeyIsManaged) return [];
  return [kmsAccess(action, encryption, bucket, key, call)];
}

async function findOrNothing({ objects }: S3, name: UploadName): Promise<Upload | undefined> {
  try {
    return await objects.upload(name);
  } catch (error) {
    // The operation says that it is not there, to those who may know.
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}
