import { createHash } from "node:crypto";

/*
 * What Java trusts is neither in a variable nor in PEM, but in a key store. Of its formats JKS is the one that every
 * version reads, and one that holds only certificates needs no password.
 * Source: OpenJDK, sun.security.provider.JavaKeyStore, whose comment on engineStore has the format.
 */

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;

/** With what Java's own stores are closed, so that the usual tools open this one. */
const PASSWORD = "changeit";

/** A key store of the certificates in a text of PEM, which are taken as they are. `now` is in epoch milliseconds. */
export function javaTrustStore(pem: string, now: number): Buffer {
  const certificates = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)];
  const entries = certificates.map(([, base64 = ""], index) =>
    entry(`authority-${index}`, Buffer.from(base64, "base64"), now),
  );
  const content = Buffer.concat([int(MAGIC), int(VERSION), int(entries.length), ...entries]);
  const key = Buffer.from(PASSWORD, "utf16le").swap16();
  return Buffer.concat([content, createHash("sha1").update(key).update("Mighty Aphrodite").update(content).digest()]);
}

function entry(alias: string, der: Buffer, now: number): Buffer {
  const date = Buffer.alloc(8);
  date.writeBigUInt64BE(BigInt(now));
  return Buffer.concat([int(TRUSTED_CERTIFICATE), text(alias), date, text("X.509"), int(der.length), der]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Plain ASCII, which is its own modified UTF-8. */
function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([length, Buffer.from(value, "latin1")]);
}
