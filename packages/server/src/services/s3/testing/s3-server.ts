import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createIdentity } from "../../../identity/create-identity.ts";
import type { Caller, Identity } from "../../../identity/identity.ts";
import { createKeys } from "../../../keys/create-keys.ts";
import type { KeyStore } from "../../../keys/keys.ts";
import type { ObjectStore } from "../../../objects/object-store.ts";
import { openObjects } from "../../../objects/open-objects.ts";
import { openSqliteStore } from "../../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../../store/store.ts";
import type { Access } from "../../../wire/operation.ts";
import { ACCOUNT, type Listening, listen } from "../../../wire/testing/listen.ts";
import { bucketSayFor } from "../context.ts";
import { s3 } from "../operations.ts";

/** The region of the bucket `artifacts`. */
export const REGION = "eu-west-1";

/** S3 behind a listening server, with policies enforced and the bucket `artifacts`. */
export interface S3Server {
  readonly dir: string;
  readonly endpoint: string;
  readonly port: number;
  readonly store: Store;
  readonly keys: KeyStore;
  readonly objects: ObjectStore;
  readonly identity: Identity;
  /** Root's, in the bucket's region. */
  readonly client: S3Client;
  /** What was asked to be allowed so far. */
  readonly asked: Access[];
  clientFor(region: string, credentials?: Credentials): S3Client;
  put(
    key: string,
    body?: string | Buffer,
  ): Promise<{
    readonly ETag?: string | undefined;
    readonly VersionId?: string | undefined;
    readonly SSEKMSKeyId?: string | undefined;
  }>;
  get(key: string, more?: object): Promise<Buffer>;
  end(): Promise<void>;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const ROOT: Credentials = { accessKeyId: "test", secretAccessKey: "test" };

export async function startS3(): Promise<S3Server> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "penstock-s3-"));
  const parts = openParts(dir);
  const asked: Access[] = [];
  const server = await listen(
    { s3: s3(parts) },
    { findKey: parts.identity.findKey, authorize: authorizer(parts, asked) },
  );
  const clientFor = (region: string, credentials = ROOT) =>
    new S3Client({ endpoint: server.endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  const client = clientFor(REGION);
  const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
  await client.send(new CreateBucketCommand({ Bucket: "artifacts", CreateBucketConfiguration }));
  return {
    ...{ ...parts, dir, client, clientFor, asked, endpoint: server.endpoint, port: server.port },
    put: (key, body = "x") => client.send(new PutObjectCommand({ ...at(key), Body: body })),
    async get(key, more = {}) {
      const { Body } = await client.send(new GetObjectCommand({ ...at(key), ...more }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    end: () => end(server, parts, client, dir),
  };
}

/** A key in the bucket `artifacts`. */
export const at = (key: string) => ({ Bucket: "artifacts", Key: key });

type Parts = ReturnType<typeof openParts>;

function openParts(dir: string) {
  const bytes = randomBytes(32);
  const masterKey = { derive: () => bytes };
  const store = openSqliteStore({ path: path.join(dir, "penstock.db") });
  const given = { store, account: ACCOUNT, now: Date.now };
  const keys = createKeys({ ...given, masterKey });
  const objects = openObjects({ ...given, dir: path.join(dir, "objects"), keys, masterKey: bytes });
  const log = { warn: () => {} };
  const identity = createIdentity({
    ...given,
    masterKey,
    mode: "enforce",
    log,
    rootKeys: [{ account: ACCOUNT, ...ROOT }],
  });
  return { store, keys, objects, identity };
}

/** Asks the policies as the server does. */
function authorizer({ objects, identity }: Parts, asked: Access[]) {
  return async (principal: { readonly account: string }, access: Access) => {
    asked.push(access);
    const say = await bucketSayFor({ objects }, access.resource);
    // `findKey` of the same identity answered it.
    const caller = principal as Caller;
    return identity.authorize({ caller, ...access, ...say });
  };
}

async function end(server: Listening, { objects, store }: Parts, client: S3Client, dir: string): Promise<void> {
  client.destroy();
  await server[Symbol.asyncDispose]();
  await objects.close();
  await store.close();
  fs.rmSync(dir, { recursive: true });
}
