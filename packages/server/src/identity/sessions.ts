/**
 * Sessions without memory. All that is known of a session is sealed into its token under a key that only
 * this data has, and its secret key follows from its access key by HMAC. So a session costs no row, is
 * good on every node and after every restart, and ends at its time whatever happens.
 *
 * A token is base64 of: version (1 byte), nonce (12), AES-256-GCM of the session as JSON, tag (16).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { accountOfArn } from "./arn.ts";
import type {
  Caller,
  IssueRootSession,
  IssueSession,
  KeyLookup,
  PolicyDocument,
  SessionCredentials,
} from "./identity.ts";
import type { MasterKey } from "./master-key.ts";

/** What a token holds: a role, or the account whose root it is for. */
interface Sealed {
  readonly accessKeyId: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly role?: { readonly arn: string; readonly session: string };
  readonly account?: string;
  readonly policy?: PolicyDocument;
}

interface Opened {
  readonly token: string;
  readonly expiresAt: number;
  readonly lookup: KeyLookup;
}

export interface Sessions {
  issue(request: IssueSession | IssueRootSession): SessionCredentials;
  find(accessKeyId: string, token: string, now: number): KeyLookup;
}

/** How many opened tokens are kept, the oldest going first. One is about a kilobyte. */
const SESSIONS_CACHED_MAX = 10_000;

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Makes and opens sessions. */
export function createSessions(masterKey: MasterKey): Sessions {
  // As key objects: from raw bytes, every use would make one anew, which costs three times the work itself.
  const key = createSecretKey(masterKey.derive("sessions"));
  const secretKey = createSecretKey(masterKey.derive("session-secrets"));
  const cache = new Map<string, Opened>();
  return {
    issue(request) {
      const { durationSeconds, now } = request;
      const accessKeyId = `ASIA${randomBase32(16)}`;
      const expiresAt = Math.floor(now / 1000 + durationSeconds) * 1000;
      const sealed: Sealed = { accessKeyId, expiresAt, ...holderOf(request) };
      const secretAccessKey = secretOf(secretKey, accessKeyId);
      return { accessKeyId, secretAccessKey, sessionToken: seal(key, sealed), expiresAt };
    },
    find(accessKeyId, token, now) {
      let opened = cache.get(accessKeyId);
      if (opened?.token !== token) {
        const sealed = open(key, token);
        if (sealed?.accessKeyId !== accessKeyId) return { found: false, reason: "badToken" };
        const secretAccessKey = secretOf(secretKey, accessKeyId);
        const lookup: KeyLookup = { found: true, secretAccessKey, principal: toCaller(sealed) };
        opened = { token, expiresAt: sealed.expiresAt, lookup };
        remember(cache, accessKeyId, opened);
      }
      return now < opened.expiresAt ? opened.lookup : { found: false, reason: "expiredToken" };
    },
  };
}

/** Who a session is for, as its token keeps it. */
function holderOf(request: IssueSession | IssueRootSession): Omit<Sealed, "accessKeyId" | "expiresAt"> {
  if (!("roleArn" in request)) return { account: request.account };
  const { roleArn: arn, sessionName: session, policy } = request;
  return { role: { arn, session }, ...(policy && { policy }) };
}

function toCaller({ accessKeyId, expiresAt, account = "", role, policy }: Sealed): Caller {
  if (!role) return rootCaller(account, accessKeyId);
  const { arn: roleArn, session: sessionName } = role;
  const roleAccount = accountOfArn(roleArn);
  const roleName = roleArn.slice(roleArn.lastIndexOf("/") + 1);
  const arn = `arn:aws:sts::${roleAccount}:assumed-role/${roleName}/${sessionName}`;
  const sessionPolicy = policy && { sessionPolicy: policy };
  return { type: "session", account: roleAccount, arn, accessKeyId, roleArn, sessionName, expiresAt, ...sessionPolicy };
}

/** The root of an account, by one of its keys. */
export function rootCaller(account: string, accessKeyId: string): Caller {
  return { type: "root", account, arn: `arn:aws:iam::${account}:root`, accessKeyId };
}

/** Unguessable ids in the alphabet of AWS's own. */
export function randomBase32(chars: number): string {
  let text = "";
  for (const byte of randomBytes(chars)) text += BASE32[byte & 31];
  return text;
}

function remember(cache: Map<string, Opened>, accessKeyId: string, opened: Opened): void {
  cache.set(accessKeyId, opened);
  if (cache.size <= SESSIONS_CACHED_MAX) return;
  const [oldest] = cache.keys();
  if (oldest !== undefined) cache.delete(oldest);
}

/** 30 bytes are the 40 characters that secret keys of AWS have. */
function secretOf(key: KeyObject, accessKeyId: string): string {
  return createHmac("sha256", key).update(accessKeyId).digest().subarray(0, 30).toString("base64");
}

function seal(key: KeyObject, sealed: Sealed): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(JSON.stringify(sealed), "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, body, cipher.getAuthTag()]).toString("base64");
}

/** Nothing for whatever is not, to the letter, a token of ours. */
function open(key: KeyObject, token: string): Sealed | undefined {
  const bytes = Buffer.from(token, "base64");
  if (bytes.length <= 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== VERSION) return undefined;
  if (bytes.toString("base64") !== token) return undefined;
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const body = decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES));
    // The tag proves that `seal` of this data wrote it.
    return JSON.parse(Buffer.concat([body, decipher.final()]).toString("utf8")) as Sealed;
  } catch {
    return undefined; // A tag that does not fit is the expected sign of a foreign or altered token.
  }
}
