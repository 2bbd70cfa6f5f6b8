import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomUUID,
} from "node:crypto";
import {
  deleteDueKey,
  findAlias,
  findKey,
  insertAlias,
  insertKey,
  type KeyTable,
  listAliasesOfKey,
  setKeyPolicy,
  setKeyState,
} from "../store/key.ts";
import type { Reader, Store } from "../store/store.ts";
import type { Home } from "../wire/operation.ts";
import { keyIdOf, open, seal } from "./ciphertext.ts";
import {
  aliasNotFound,
  asShownByS3,
  invalidCiphertext,
  keyDisabled,
  keyDoesNotExist,
  keyInvalidState,
  keyNotFound,
  keyPendingDeletion,
} from "./errors.ts";
import { defaultKeyPolicy, s3KeyPolicy } from "./key-policy.ts";
import type { EncryptionContext, Key, KeyStore, NewKey } from "./keys.ts";

export interface KeysOptions {
  readonly store: Store;
  /** Gives 32 bytes for sealing the keys' material. */
  readonly masterKey: { derive(purpose: "kms"): Buffer };
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The alias of the key that S3 takes when none is named. */
export const S3_KEY_ALIAS = "alias/aws/s3";

/** Source: KMS developer guide, "Quotas", aliases per KMS key. */
const ALIASES_OF_KEY_MAX = 50;

const MATERIAL_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Builds KMS's keys on a store. Nothing is cached, so that a disabled key is disabled everywhere at once. */
export function createKeys({ store, masterKey, now }: KeysOptions): KeyStore {
  const sealingKey = createSecretKey(masterKey.derive("kms"));

  const keys: KeyStore = {
    async create(newKey) {
      const row = newRow(newKey, now(), sealingKey);
      await store.transact((tx) => tx.run(insertKey, row));
      return toKey(row);
    },
    find: async (keyId, home) => toKey(await findRow(keyId, home)),
    async aliasesOf({ id }) {
      const rows = await store.read.all(listAliasesOfKey, { key_id: id, after: "", limit: ALIASES_OF_KEY_MAX });
      return rows.map(({ name }) => name);
    },
    async encrypt({ id, arn }, plain, context) {
      const row = usable(await liveRow(store.read, id, arn));
      return seal(row.id, materialOf(row, sealingKey), plain, context);
    },
    keyOf: async (ciphertext) => toKey(await rowOf(ciphertext)),
    async decrypt(ciphertext, context) {
      const row = usable(await rowOf(ciphertext));
      const plain = open(materialOf(row, sealingKey), ciphertext, context);
      if (!plain) throw invalidCiphertext();
      return plain;
    },
    async setState({ id, arn, state: found }, state, deletionAt) {
      const change = { id, found, state, deletion_at: deletionAt ?? null };
      const changed = await store.transact((tx) => tx.run(setKeyState, change));
      if (changed === 0) throw keyInvalidState(`${arn} was changed by another request at the same time.`);
    },
    async setPolicy({ id }, policy) {
      await store.transact((tx) => tx.run(setKeyPolicy, { id, policy }));
    },
    async newDataKey(keyId = S3_KEY_ALIAS, home, context) {
      try {
        const row = usable(await findRow(keyId === "aws/s3" ? S3_KEY_ALIAS : keyId, home));
        const plain = randomBytes(MATERIAL_BYTES);
        return { keyArn: row.arn, plain, sealed: seal(row.id, materialOf(row, sealingKey), plain, context) };
      } catch (error) {
        throw asShownByS3(error);
      }
    },
    async openDataKey(sealed, context: EncryptionContext) {
      try {
        return await keys.decrypt(sealed, context);
      } catch (error) {
        throw asShownByS3(error);
      }
    },
  };
  return keys;

  async function findRow(keyId: string, caller: Home): Promise<KeyTable> {
    const { name, ...home } = takeApart(keyId, caller);
    if (name.startsWith("alias/")) return findByAlias(name, home);
    if (!UUID.test(name)) throw keyNotFound(`Invalid keyId '${keyId}'`);
    const arn = keyArn(name, home);
    const row = await liveRow(store.read, name, arn);
    if (row.arn !== arn) throw keyDoesNotExist(arn);
    return row;
  }

  async function findByAlias(name: string, home: Home): Promise<KeyTable> {
    const arn = `arn:aws:kms:${home.region}:${home.account}:${name}`;
    const alias = await store.read.first(findAlias, { ...home, name });
    if (!alias && name === S3_KEY_ALIAS) return makeS3Key(home);
    if (!alias) throw aliasNotFound(arn);
    return liveRow(store.read, alias.key_id, arn);
  }

  /** Two that ask at once get the same key: the second finds the first's alias inside its transaction. */
  function makeS3Key(home: Home): Promise<KeyTable> {
    const policy = s3KeyPolicy(home);
    const description = "Default key that protects my S3 objects when no other key is defined";
    const row: KeyTable = { ...newRow({ ...home, description, policy }, now(), sealingKey), manager: "AWS" };
    return store.transact(async (tx) => {
      const alias = await tx.first(findAlias, { ...home, name: S3_KEY_ALIAS });
      if (alias) return liveRow(tx, alias.key_id, row.arn);
      await tx.run(insertKey, row);
      await tx.run(insertAlias, { ...home, name: S3_KEY_ALIAS, key_id: row.id, created_at: row.created_at });
      return row;
    });
  }

  async function rowOf(ciphertext: Buffer): Promise<KeyTable> {
    const id = keyIdOf(ciphertext);
    const row = id && (await store.read.first(findKey, { id }));
    if (!row || isGone(row)) throw invalidCiphertext();
    return row;
  }

  async function liveRow(reader: Reader, id: string, arn: string): Promise<KeyTable> {
    const row = await reader.first(findKey, { id });
    if (!row || isGone(row)) throw keyDoesNotExist(arn);
    return row;
  }

  /** Its time has come: what it sealed is lost from here on, so the material goes as well. */
  function isGone(row: KeyTable): boolean {
    if (row.deletion_at === null || row.deletion_at > now()) return false;
    const due = { id: row.id, now: now() };
    store.defer(async (tx) => void (await tx.run(deleteDueKey, due)));
    return true;
  }
}

function newRow({ account, region, description, policy }: NewKey, at: number, sealingKey: KeyObject): KeyTable {
  const id = randomUUID();
  return {
    id,
    account,
    region,
    arn: keyArn(id, { account, region }),
    state: "Enabled",
    manager: "CUSTOMER",
    description,
    policy: policy ?? defaultKeyPolicy(account),
    sealed_material: sealMaterial(id, randomBytes(MATERIAL_BYTES), sealingKey),
    created_at: at,
    deletion_at: null,
  };
}

function keyArn(id: string, { account, region }: Home): string {
  return `arn:aws:kms:${region}:${account}:key/${id}`;
}

/** Takes the ARN off a name, if it is one of this region; the account may be any. */
function takeApart(keyId: string, home: Home): Home & { readonly name: string } {
  if (!keyId.startsWith("arn:")) return { account: home.account, region: home.region, name: keyId };
  const [, , service, region = "", account = "", ...rest] = keyId.split(":");
  if (service !== "kms" || region !== home.region) throw keyNotFound(`Invalid arn ${region}`);
  return { account, region, name: rest.join(":").replace(/^key\//, "") };
}

function usable(row: KeyTable): KeyTable {
  if (row.state === "Disabled") throw keyDisabled(row.arn);
  if (row.state === "PendingDeletion") throw keyPendingDeletion(row.arn);
  return row;
}

/** A row as others see it, without its material. */
export function toKey(row: KeyTable): Key {
  return {
    id: row.id,
    arn: row.arn,
    account: row.account,
    region: row.region,
    state: row.state,
    manager: row.manager,
    description: row.description,
    policy: row.policy,
    createdAt: row.created_at,
    deletionAt: row.deletion_at ?? undefined,
  };
}

/** Nonce, sealed bytes, tag; bound to the key's id, so that rows cannot be exchanged. */
function sealMaterial(id: string, material: Buffer, sealingKey: KeyObject): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", sealingKey, nonce);
  cipher.setAAD(Buffer.from(id));
  const body = cipher.update(material);
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

function materialOf({ id, sealed_material }: KeyTable, sealingKey: KeyObject): Buffer {
  const sealed = Buffer.from(sealed_material.buffer, sealed_material.byteOffset, sealed_material.byteLength);
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", sealingKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(id));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const material = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  decipher.final(); // Throws when the row was altered: nothing that a caller could do anything about.
  return material;
}
