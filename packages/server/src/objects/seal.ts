/**
 * Encryption at rest.
 *
 * Every object has a data key of its own, sealed by the master key (SSE-S3) or by KMS (SSE-KMS), with the
 * object's ARN bound to it in both cases. Every file under it has a key derived from the data key and the
 * file's name, so a nonce only has to be unique within a file: it is the chunk's number. A file is a row of
 * chunks of 64 KiB, each followed by its own tag; a range can be read by its chunks alone, and no byte
 * leaves before its chunk was verified. A cut at a chunk's edge shows against the size on record.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { wrongMasterKey } from "./errors.ts";

/** Plain bytes of a chunk; the last one may have less. Source: measured; one large update is a third slower in Node. */
export const CHUNK_BYTES = 64 * 1024;
/** GCM's tag after each chunk. */
export const TAG_BYTES = 16;
/** A full chunk as it lies in a file. */
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

const NONCE_BYTES = 12;
const KEY_BYTES = 32;
const CIPHER = "aes-256-gcm";

/** Makes a data key that only `openDataKey` with the same master key and ARN gets back. */
export function newSealedDataKey(masterKey: Buffer, arn: string): { readonly plain: Buffer; readonly sealed: Buffer } {
  const plain = randomBytes(KEY_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, createSecretKey(masterKey), nonce).setAAD(Buffer.from(arn));
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { plain, sealed };
}

/** Opens what `newSealedDataKey` sealed. Throws `ArtifactKeyError` for another key or another ARN. */
export function openSealedDataKey(masterKey: Buffer, sealed: Buffer, arn: string): Buffer {
  const key = createSecretKey(masterKey);
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(arn));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw wrongMasterKey(arn, cause);
  }
}

/** The key of one file. An object, because Node 24 takes four times as long to begin a cipher with the bytes themselves. */
export function fileKey(dataKey: Buffer, file: string): KeyObject {
  return createSecretKey(createHmac("sha256", createSecretKey(dataKey)).update(file).digest());
}

export interface Sealer {
  /** Answers what to write for these plain bytes, in order. */
  push(plain: Buffer): Buffer[];
  end(): Buffer[];
}

/** Encrypts one file from its beginning to its end. */
export function createSealer(key: KeyObject): Sealer {
  let chunk = 0;
  let filled = 0;
  let cipher: ReturnType<typeof newCipher> | undefined;
  const close = (out: Buffer[]) => {
    if (!cipher) return;
    cipher.final();
    out.push(cipher.getAuthTag());
    cipher = undefined;
    filled = 0;
    chunk += 1;
  };
  return {
    push(plain) {
      const out: Buffer[] = [];
      for (let at = 0; at < plain.length; ) {
        const take = Math.min(CHUNK_BYTES - filled, plain.length - at);
        cipher ??= newCipher(key, chunk);
        out.push(cipher.update(plain.subarray(at, at + take)));
        at += take;
        filled += take;
        if (filled === CHUNK_BYTES) close(out);
      }
      return out;
    },
    end() {
      const out: Buffer[] = [];
      close(out);
      return out;
    },
  };
}

/** Decrypts and verifies one whole chunk. Throws when the bytes are not those that were written. */
export function openChunk(key: KeyObject, chunk: number, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(CIPHER, key, chunkNonce(chunk));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  decipher.final();
  return plain;
}

function newCipher(key: KeyObject, chunk: number) {
  return createCipheriv(CIPHER, key, chunkNonce(chunk));
}

function chunkNonce(chunk: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(chunk, NONCE_BYTES - 6, 6);
  return nonce;
}
