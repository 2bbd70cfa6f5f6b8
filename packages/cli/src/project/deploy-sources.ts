import { createReadStream, statSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { inputWrong, isServiceError } from "../failure.ts";
import { suggestion } from "../nearest.ts";
import type { Server, ServerPackage } from "../server-port.ts";
import { type Action, actionsOf, isS3Source, type PolicyText, type Project } from "./project.ts";
import { bucketsOf } from "./role-policies.ts";

/** One source artifact that is given from here: where it comes from and where it goes. */
export interface GivenSource {
  /** A path, or the bytes of a zip. */
  readonly from: string | Buffer;
  readonly bucket: string;
  readonly key: string;
}

/** An S3 source action, as far as its source is concerned. */
interface S3Source {
  readonly action: Action;
  readonly bucket: string;
  readonly key: string;
}

/**
 * Which source each input goes to. An input is named after the artifact, or after its source action.
 * Throws a `Failure` (exit status 2) for a name that no S3 source has and for a path that is not there.
 */
export function givenSources(project: Project): readonly GivenSource[] {
  const sources = s3Sources(project);
  return Object.entries(project.inputs).map(([name, from]) => {
    const source = sources.find(({ action }) => namesOf(action).includes(name));
    if (!source) {
      const names = [...new Set(sources.flatMap(({ action }) => namesOf(action)))];
      const remedy =
        names.length > 0 ? suggestion(name, names) : "An input goes to an S3 source action, and the pipeline has none.";
      throw inputWrong(`input ${name}: no S3 source of ${project.origin} has this name`, remedy);
    }
    if (typeof from === "string" && !statSync(from, { throwIfNoEntry: false })) {
      throw inputWrong(`input ${name}: there is no ${from}`, "Name a folder or a zip.");
    }
    return { from, bucket: source.bucket, key: source.key };
  });
}

function s3Sources({ pipeline }: Project): readonly S3Source[] {
  return actionsOf(pipeline).flatMap(({ action }) => {
    const { S3Bucket: bucket, S3ObjectKey: key } = action.configuration ?? {};
    // Without either the service refuses the declaration, in its own words.
    return isS3Source(action) && bucket && key ? [{ action, bucket, key }] : [];
  });
}

function namesOf(action: Action): readonly string[] {
  return [...(action.outputArtifacts ?? []).map(({ name }) => name), action.name];
}

/** Looks into the zips that are given as sources. Throws a `Failure` (exit status 2) for one that cannot be unpacked. */
export async function checkSourceZips(archive: ServerPackage, sources: readonly GivenSource[]): Promise<void> {
  for (const { from } of sources) {
    if (typeof from === "string" && !statSync(from).isDirectory())
      await checkZip(archive, from, "Name a folder, which is zipped on the way, or another zip.");
  }
}

/** Throws a `Failure` (exit status 2) for a file that is no zip, or one that must not be unpacked. */
export async function checkZip(archive: ServerPackage, path: string, remedy: string): Promise<void> {
  try {
    await archive.listZip(path);
  } catch (error) {
    if (!(error instanceof Error && error.name === "InvalidZip")) throw error;
    throw inputWrong(`${path} cannot be used as a zip: ${error.message}`, remedy, error);
  }
}

/** Makes the buckets that are not there. Buckets of sources keep versions, as the source action wants them to. */
export async function deployBuckets(server: Server, project: Project): Promise<void> {
  const sourceBuckets = new Set(s3Sources(project).map(({ bucket }) => bucket));
  for (const name of new Set([...bucketsOf(project), ...Object.keys(project.buckets)])) {
    await createBucket(server, name, project.region);
    const versioning = project.buckets[name]?.versioning ?? (sourceBuckets.has(name) ? true : undefined);
    if (versioning !== undefined) await setVersioning(server, name, versioning);
    await setPolicy(server, name, project.buckets[name]?.policy);
  }
}

async function setVersioning(server: Server, bucket: string, wanted: boolean): Promise<void> {
  const now = await server.objects.versioning(bucket);
  if (wanted !== (now === "Enabled") && (wanted || now)) {
    await server.objects.setVersioning(bucket, wanted ? "Enabled" : "Suspended");
  }
}

/** A policy that is not declared is left as it is: somebody else may have put it there. */
async function setPolicy(server: Server, bucket: string, policy: PolicyText | undefined): Promise<void> {
  if (!policy) return;
  try {
    await server.call("s3", "PutBucketPolicy", { Bucket: bucket, Policy: JSON.stringify(policy) });
  } catch (error) {
    if (!isServiceError(error)) throw error;
    const message = `policy of bucket ${bucket}: ${error.code}: ${error.message}`;
    throw inputWrong(message, "Correct the policy document; the text above is S3's own.", error);
  }
}

async function createBucket(server: Server, name: string, region: string): Promise<void> {
  try {
    await server.objects.createBucket(name, region);
  } catch (error) {
    if (!(isServiceError(error) && error.code === "BucketAlreadyOwnedByYou")) throw error;
  }
}

/** Puts the given sources where their actions look. A folder is zipped on the way; a zip goes as it is. */
export async function putSources(
  server: Server,
  archive: ServerPackage,
  sources: readonly GivenSource[],
): Promise<void> {
  for (const { from, bucket, key } of sources) {
    if (typeof from !== "string") await putBody(server, Readable.from([from]), { bucket, key });
    else if (statSync(from).isDirectory()) await putFolder(server, archive, from, { bucket, key });
    else await putBody(server, createReadStream(from), { bucket, key });
  }
}

async function putFolder(
  server: Server,
  archive: ServerPackage,
  path: string,
  to: { bucket: string; key: string },
): Promise<void> {
  const zip = new PassThrough();
  const zipped = archive.zipFolder(path, zip).catch((error: unknown) => {
    zip.destroy(error instanceof Error ? error : new Error(String(error)));
    throw inputWrong(
      `${path} cannot be zipped: ${error instanceof Error ? error.message : error}`,
      "Name a folder of readable files.",
      error,
    );
  });
  const put = putBody(server, zip, to);
  // Of a folder that breaks, both end badly; the reason is with the zipping.
  put.catch(() => {});
  await zipped;
  await put;
}

async function putBody(
  server: Server,
  body: Readable,
  { bucket, key }: { bucket: string; key: string },
): Promise<void> {
  await server.objects.put({ bucket, key, body, contentType: "application/zip" });
}

/** Throws a `Failure` when an S3 source has nothing to read: it would only fail later, and less clearly. */
export async function checkSourcesAreThere(server: Server, project: Project): Promise<void> {
  for (const { action, bucket, key } of s3Sources(project)) {
    if (await isObject(server, bucket, key)) continue;
    const name = namesOf(action)[0] ?? action.name;
    throw inputWrong(
      `source action ${action.name} reads s3://${bucket}/${key}, where there is nothing`,
      `Give it a folder or zip: --input ${name}=PATH, or ${name}: PATH under "inputs" in penstock.yaml.`,
    );
  }
}

async function isObject(server: Server, bucket: string, key: string): Promise<boolean> {
  try {
    await server.objects.head({ bucket, key });
    return true;
  } catch (error) {
    if (isServiceError(error) && ["NoSuchKey", "NoSuchBucket", "NotFound"].includes(error.code)) return false;
    throw error;
  }
}
