import { S3_SOURCE_BYTES_MAX } from "@penstock/pipeline";
import type { AccessDecision, Caller, Identity } from "../../identity/identity.ts";
import type { KeyStore } from "../../keys/keys.ts";
import { keyAccess } from "../../objects/key-access.ts";
import type { Objects, StoredObject } from "../../objects/objects.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Access } from "../../wire/operation.ts";
import { asCaller } from "./as-caller.ts";
import { type ActionResult, failed, homeOfAction, type RunningProvider, type StartedAction } from "./provider.ts";
import { whyNotAssume } from "./why-not-assume.ts";

/**
 * The S3 source action: copies the newest version of an object to the artifact store.
 *
 * Source: reference §5.1, §12, §16. The failure texts are our choice.
 */
export function createS3Source(source: S3Source): RunningProvider {
  return {
    type: "run",
    async run(action) {
      const { S3Bucket: bucket = "", S3ObjectKey: key = "" } = action.input.resolvedConfiguration;
      try {
        const denied = await deniedMessage(source, action, bucket, key);
        return denied ? failed("PermissionError", denied) : await copy(source, action, bucket, key);
      } catch (error) {
        if (error instanceof ServiceError) return failed("ConfigurationError", describe(error, bucket, key));
        throw error;
      }
    },
  };
}

/** What the action stands on. */
export interface S3Source {
  readonly objects: Objects;
  readonly keys: Pick<KeyStore, "find">;
  readonly identity: Pick<Identity, "mayAssume">;
  /** Whether the sessions of a role may do something, with what the resource's own policy says. */
  authorize(caller: Caller, access: Access): Promise<AccessDecision>;
  /** How big the source object may be; the service's 5 GB unless given. Unit: bytes. */
  readonly bytesMax?: number | undefined;
  /** Epoch milliseconds. */
  now(): number;
}

async function copy(
  { objects, bytesMax = S3_SOURCE_BYTES_MAX }: S3Source,
  action: StartedAction,
  bucket: string,
  key: string,
): Promise<ActionResult> {
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
  if (object.sizeBytes > bytesMax) {
    body.destroy();
    return failed(
      "ConfigurationError",
      `The source object ${key} in the bucket ${bucket} has ${object.sizeBytes} bytes. An S3 source may have ${bytesMax}.`,
    );
  }
  if (!place) return failed("ConfigurationError", "An S3 source action needs one output artifact.");
  // Without a key of its own the artifact store still encrypts with the account's S3 key, as observed (reference §6.1).
  await objects.put({
    ...{ bucket: place.bucket, key: place.key, body },
    ...{ writer: homeOfAction(action).account, kms: { keyId: action.encryptionKey?.id } },
  });
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

/** Why the action's role may not do its work, in IAM's words. Errors: those of S3 and KMS, for what is not there. */
async function deniedMessage(
  { objects, keys, identity, authorize, now }: S3Source,
  action: StartedAction,
  bucket: string,
  key: string,
): Promise<string | undefined> {
  const at = now();
  const refused = await whyNotAssume(identity, action, at);
  if (refused !== undefined) return refused;
  const caller = asCaller(action.roleArn, String(at));
  const home = homeOfAction(action);
  const mayNot = async (access: Access) => {
    const decision = await authorize(caller, access);
    return decision.allowed ? undefined : decision.message;
  };
  const useKey = async (name: Parameters<typeof keyAccess>[0], keyId: string, object: string) => {
    const found = await keys.find(keyId, home);
    const isOwn = found.manager === "AWS" && found.account === home.account; // which S3 may always use
    return isOwn ? undefined : await mayNot(keyAccess(name, found.arn, object, home));
  };
  const source = `arn:aws:s3:::${bucket}/${key}`;
  const denied = await mayNot({ action: "s3:GetObject", resource: source });
  if (denied !== undefined) return denied;
  const { encryption } = await objects.head({ bucket, key });
  const sealed = encryption.type === "aws:kms" ? await useKey("kms:Decrypt", encryption.keyArn, source) : undefined;
  if (sealed !== undefined) return sealed;
  for (const place of action.input.outputArtifacts) {
    const resource = `arn:aws:s3:::${place.bucket}/${place.key}`;
    const id = action.encryptionKey?.id;
    const problem =
      (await mayNot({ action: "s3:PutObject", resource })) ??
      (id === undefined ? undefined : await useKey("kms:GenerateDataKey", id, resource));
    if (problem !== undefined) return problem;
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
