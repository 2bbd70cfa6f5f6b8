import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ARTIFACT_FILES_COUNT_MAX, S3_DEPLOY_MS_MAX } from "@penstock/pipeline";
import { extractZip } from "../../archive/extract-zip.ts";
import { InvalidZip } from "../../archive/invalid-zip.ts";
import { listZip } from "../../archive/list-zip.ts";
import type { Identity } from "../../identity/identity.ts";
import { ServiceError } from "../../wire/error.ts";
import { type ActionResult, failed, type RunningProvider, type StartedAction } from "./provider.ts";
import type { CallAsRole } from "./role-calls.ts";
import { whyNotAssume } from "./why-not-assume.ts";

/*
 * The S3 deploy action: puts its input artifact into a bucket, as it is or file by file, with the action's role.
 *
 * Source: reference §20 for the configuration, prefixes, content type of a raw upload and codes of failures; §5.2 for
 * an artifact that is not there; §12 for what is shown. What AWS does not write down is our choice: a zip is checked
 * as a whole before its first file is put, a file's content type goes by its name, and a link counts as its target.
 */

export interface S3DeployOptions {
  readonly callAsRole: CallAsRole;
  readonly identity: Pick<Identity, "mayAssume">;
  /** Epoch milliseconds. */
  now(): number;
  /** Folder for files that are there only for a while. */
  readonly scratch: string;
}

/** How many files are put at once: commits are shared, so that many cost little more than one. */
const PUTS_AT_ONCE = 16;

/** What the name of a zip in the scratch folder begins with. */
const ZIP_OF = "deployed-zip-";

export function createS3Deploy(options: S3DeployOptions): RunningProvider {
  return {
    type: "run",
    limitMs: S3_DEPLOY_MS_MAX,
    async run(action, signal) {
      const { Extract, BucketName = "", ObjectKey } = action.input.resolvedConfiguration;
      if (Extract !== "true" && Extract !== "false")
        return wrong(`Extract is "${Extract}"; it must be "true" or "false".`);
      if (Extract === "false" && !ObjectKey)
        return wrong("With Extract false, ObjectKey must name the object to write.");
      const refused = await whyNotAssume(options.identity, action, options.now());
      if (refused !== undefined) return failed("PermissionError", refused);
      const artifact = await openArtifact(action, options);
      if (!(artifact instanceof Readable)) return artifact;
      try {
        if (Extract === "true") await deployFiles(artifact, action, options, signal);
        else await put(action, options, ObjectKey ?? "", artifact, "application/octet-stream");
      } catch (error) {
        return resultOfFault(error);
      } finally {
        artifact.destroy();
      }
      const externalExecutionId = ObjectKey ? `${BucketName}/${ObjectKey}` : BucketName;
      return { status: "Succeeded", output: { summary: "Deployment Succeeded", externalExecutionId } };
    },
  };
}

const wrong = (message: string) => failed("ConfigurationError", message);

/** The bytes of the input artifact, or how the action ends without them. */
async function openArtifact(action: StartedAction, { callAsRole }: S3DeployOptions): Promise<Readable | ActionResult> {
  const [input] = action.input.inputArtifacts;
  if (!input) return wrong("An S3 deploy action needs one input artifact.");
  try {
    const { Body } = await callAsRole(s3Call(action, "GetObject", { Bucket: input.bucket, Key: input.key }));
    return Buffer.isBuffer(Body) ? Readable.from([Body]) : (Body as Readable); // GetObject's body is one or the other
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const answer = `(Service: Amazon S3; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: ${randomUUID()})`;
    return wrong(
      `The input artifact, ${input.bucket}/${input.key}, does not exist or you do not have permissions to access it: ${error.message} ${answer}`,
    );
  }
}

async function deployFiles(
  artifact: Readable,
  action: StartedAction,
  options: S3DeployOptions,
  signal: AbortSignal,
): Promise<void> {
  const { ObjectKey } = action.input.resolvedConfiguration;
  const prefix = ObjectKey ? `${ObjectKey}/` : "";
  const zip = join(options.scratch, ZIP_OF + action.id);
  const folder = join(options.scratch, `deploy-${action.id}`);
  try {
    await pipeline(artifact, createWriteStream(zip), { signal });
    const entries = await listZip(zip);
    checkCount(entries.filter(({ type }) => type === "file").length);
    await extractZip(zip, folder);
    const { default: types } = await import("mime");
    const files = entries.filter(({ path }) => statSync(join(folder, path)).isFile());
    await forEachOf(files, async ({ path }) => {
      signal.throwIfAborted();
      const type = types.getType(path) ?? "application/octet-stream";
      await put(action, options, prefix + path, createReadStream(join(folder, path)), type);
    });
  } finally {
    for (const path of [zip, folder]) await rm(path, { recursive: true, force: true });
  }
}

/** Source: user guide, "Quotas", files of an S3 object that is an artifact. */
function checkCount(filesCount: number): void {
  if (filesCount <= ARTIFACT_FILES_COUNT_MAX) return;
  throw new InvalidZip("tooLarge", `it has ${filesCount} files; at most ${ARTIFACT_FILES_COUNT_MAX} are allowed`);
}

/** Does something with every item, a few at a time. After a fault nothing more is begun; it is thrown once all is over. */
async function forEachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const faults: unknown[] = [];
  const worker = async () => {
    for (const item of left) {
      if (faults.length > 0) return;
      await work(item).catch((error) => void faults.push(error));
    }
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, worker));
  if (faults.length > 0) throw faults[0];
}

async function put(
  action: StartedAction,
  { callAsRole }: S3DeployOptions,
  key: string,
  body: Readable,
  contentType: string,
): Promise<void> {
  const { BucketName, CannedACL, CacheControl, KMSEncryptionKeyARN } = action.input.resolvedConfiguration;
  await callAsRole(
    s3Call(action, "PutObject", {
      Bucket: BucketName,
      Key: key,
      Body: body,
      ContentType: contentType,
      ...(CannedACL && { ACL: CannedACL }),
      ...(CacheControl && { CacheControl }),
      ...(KMSEncryptionKeyARN && { ServerSideEncryption: "aws:kms", SSEKMSKeyId: KMSEncryptionKeyARN }),
    }),
  );
}

function s3Call({ roleArn, input: { region } }: StartedAction, operation: string, input: object) {
  return { roleArn, region, service: "s3", operation, input } as const;
}

/** Source: reference §20: an entry that leads out is a ConfigurationError, a bad zip a JobFailed, a denial a PermissionError. */
function resultOfFault(error: unknown): ActionResult {
  if (error instanceof InvalidZip) {
    const isWrong = error.reason === "escapes" || error.reason === "tooLarge";
    const message = error.message.replace(new RegExp(`\\S*${ZIP_OF}\\S*`), "it"); // where the server keeps it is nobody's matter
    return failed(isWrong ? "ConfigurationError" : "JobFailed", `The input artifact cannot be extracted: ${message}`);
  }
  if (!(error instanceof ServiceError)) throw error;
  if (error.code === "AccessDenied") return failed("PermissionError", error.message);
  return wrong(`${error.code}: ${error.message}`);
}
