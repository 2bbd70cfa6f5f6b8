import type { Identity } from "../../identity/identity.ts";
import type { Objects, StoredObject } from "../../objects/objects.ts";
import { ServiceError } from "../../wire/error.ts";
import { asCaller } from "./as-caller.ts";
import { type ActionResult, failed, type RunningProvider, type StartedAction } from "./provider.ts";

/**
 * The S3 source action: copies the newest version of an object to the artifact store.
 *
 * Source: reference §5.1, §12, §16. The failure texts are our choice.
 */
export function createS3Source(objects: Objects, identity: Identity, now: () => number): RunningProvider {
  return {
    type: "run",
    async run(action) {
      const { S3Bucket: bucket = "", S3ObjectKey: key = "" } = action.input.resolvedConfiguration;
      const denied = await deniedMessage(identity, action, bucket, key, now());
      if (denied) return failed("PermissionError", denied);
      try {
        return await copy(objects, action, bucket, key);
      } catch (error) {
        if (error instanceof ServiceError) return failed("ConfigurationError", describe(error, bucket, key));
        throw error;
      }
    },
  };
}

async function copy(objects: Objects, action: StartedAction, bucket: string, key: string): Promise<ActionResult> {
  const [place] = action.input.outputArtifacts;
  const { sourceVersion } = action.input;
  const { object, body } = await objects.get({
    bucket,
    key,
    ...(sourceVersion !== undefined && { versionId: sourceVersion }),
  });
  if (object.versionId === null) {
    body.destroy();
    const remedy = "Enable versioning on it: an S3 source works on versioned buckets only.";
    return failed("ConfigurationError", `The source bucket ${bucket} is not versioned. ${remedy}`);
  }
  if (!place) return failed("ConfigurationError", "An S3 source action needs one output artifact.");
  // Without a key of its own the artifact store still encrypts with the account's S3 key, as observed (reference §6.1).
  await objects.put({ bucket: place.bucket, key: place.key, body, kms: { keyId: action.encryptionKey?.id } });
  return { status: "Succeeded", output: outputOf(object, { ...place, revision: object.versionId }, object.versionId) };
}

function outputOf(object: StoredObject, place: StartedAction["input"]["outputArtifacts"][number], version: string) {
  return {
    outputArtifacts: [place],
    outputVariables: {
      BucketName: object.bucket,
      ETag: object.etag.replaceAll('"', ""),
      ObjectKey: object.key,
      VersionId: version,
    },
    summary: `Amazon S3 version id: ${version}`,
    externalExecutionId: version,
    revisionId: version,
  };
}

async function deniedMessage(
  identity: Identity,
  action: StartedAction,
  bucket: string,
  key: string,
  now: number,
): Promise<string | undefined> {
  const caller = asCaller(action.account, action.roleArn, String(now));
  const wanted = [["s3:GetObject", `arn:aws:s3:::${bucket}/${key}`]];
  for (const place of action.input.outputArtifacts) {
    wanted.push(["s3:PutObject", `arn:aws:s3:::${place.bucket}/${place.key}`]);
  }
  for (const [name = "", resource = ""] of wanted) {
    const decision = await identity.authorize({ caller, action: name, resource });
    if (!decision.allowed) return decision.message;
  }
  return undefined;
}

function describe(error: ServiceError, bucket: string, key: string): string {
  if (error.code === "NoSuchKey")
    return `There is no object ${key} in the source bucket ${bucket}. Upload it, then start the pipeline again.`;
  if (error.code === "NoSuchBucket")
    return `The bucket ${bucket} does not exist. Create it, then start the pipeline again.`;
  return `${error.code}: ${error.message}`;
}
