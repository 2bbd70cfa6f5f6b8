import { ServiceError } from "../wire/error.ts";

/** Credentials of a real account, and when they end in epoch milliseconds, if they do. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiresAt?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** New ones are fetched so long before the old ones end. Source: our choice, what SDKs do. */
const RENEWED_BEFORE_MS = 5 * 60_000;

const TIMEOUT_MS = 60_000;
/** Of what the AWS CLI says. Unit: characters. */
const REASON_LENGTH_MAX = 300;

const MISSING =
  "penstock.yaml sends calls to AWS, and Penstock has no credentials for it. Start it with AWS_ACCESS_KEY_ID and " +
  "AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or with AWS_PROFILE and version 2 of the AWS CLI, which knows every kind of profile";

/**
 * The credentials of whoever started the server, for calls that go to AWS itself: from its environment or, as the AWS CLI
 * finds them, from a profile. Looked for when first asked, and again before they end.
 *
 * Errors: `ServiceError` `PenstockCredentialsMissing`.
 */
export function awsCredentials(env: Environment): () => Promise<Credentials> {
  let found: Promise<Credentials> | undefined;
  let expiresAt = Number.POSITIVE_INFINITY;
  const look = async () => {
    try {
      const credentials = ofEnvironment(env) ?? (await ofProfile(env));
      expiresAt = credentials.expiresAt ?? Number.POSITIVE_INFINITY;
      return credentials;
    } catch (error) {
      found = undefined; // the next call looks again
      throw error;
    }
  };
  return () => {
    if (Date.now() > expiresAt - RENEWED_BEFORE_MS) found = undefined;
    found ??= look();
    return found;
  };
}

function ofEnvironment(env: Environment): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) };
}

async function ofProfile(env: Environment): Promise<Credentials> {
  try {
    const { AWS_ENDPOINT_URL: _, ...own } = env; // which is this server
    const args = ["configure", "export-credentials", "--format", "process"];
    const { execFile } = process.getBuiltinModule("node:child_process"); // taken when needed
    const { promisify } = process.getBuiltinModule("node:util");
    const { stdout } = await promisify(execFile)("aws", args, { env: own, timeout: TIMEOUT_MS });
    const said = JSON.parse(stdout) as Record<string, string | undefined>; // the shape of credential_process
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: token, Expiration: end } = said;
    if (!accessKeyId || !secretAccessKey) throw new Error("its answer has no keys");
    return {
      accessKeyId,
      secretAccessKey,
      ...(token && { sessionToken: token }),
      ...(end && { expiresAt: Date.parse(end) }),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, REASON_LENGTH_MAX) : String(error);
    throw new ServiceError("PenstockCredentialsMissing", `${MISSING}. Without them: ${why}`);
  }
}
