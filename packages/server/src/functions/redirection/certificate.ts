import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { REDIRECTED_DOMAINS } from "./aws-hosts.ts";
import { bitString, integer, objectId, octetString, sequence, set, TRUE, tagged, time, utf8String } from "./der.ts";

/** Version 3 certificates over the curve P-256, as RFC 5280 has them: an authority's, and those that it signs. */

export interface CertificateInput {
  /** The key that is certified; of a private one, its public half. */
  readonly key: KeyObject;
  readonly authorityKey: KeyObject;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly until: number;
}

const AUTHORITY_NAME = nameOf("Penstock (this data folder only)");

const ECDSA_WITH_SHA256 = sequence(objectId("1.2.840.10045.4.3.2"));

/** The authority's own, which it signs itself. It can vouch for AWS's hosts and for nobody else. */
export function authorityCertificate(input: Omit<CertificateInput, "authorityKey">): string {
  return certificate(AUTHORITY_NAME, { ...input, authorityKey: input.key }, [
    extension("2.5.29.19", sequence(TRUE, integer(Buffer.of(0))), "critical"), // basicConstraints: an authority for hosts alone
    extension("2.5.29.15", bitString(Buffer.of(0b0000_0110), 1), "critical"), // keyUsage: keyCertSign, cRLSign
    extension("2.5.29.30", sequence(tagged(0, permittedDomains(), true)), "critical"), // nameConstraints
    extension("2.5.29.14", octetString(keyId(input.key))), // subjectKeyIdentifier
  ]);
}

/** A host's. The name must be plain ASCII, as the names in certificates are. */
export function hostCertificate(host: string, input: CertificateInput): string {
  return certificate(nameOf("A redirected host"), input, [
    extension("2.5.29.19", sequence(), "critical"), // basicConstraints: no authority
    extension("2.5.29.15", bitString(Buffer.of(0b1000_0000), 7), "critical"), // keyUsage: digitalSignature
    extension("2.5.29.37", sequence(objectId("1.3.6.1.5.5.7.3.1"))), // extKeyUsage: serverAuth
    extension("2.5.29.17", sequence(dnsName(host))), // subjectAltName
    extension("2.5.29.14", octetString(keyId(input.key))), // subjectKeyIdentifier
    extension("2.5.29.35", sequence(tagged(0, keyId(input.authorityKey), false))), // authorityKeyIdentifier
  ]);
}

/** A P-256 key from 32 secret bytes: the same for the same bytes. */
export function keyFrom(secret: Buffer): KeyObject {
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(secret); // throws for one in four billion secrets, which are no keys
  const point = pair.getPublicKey(); // 4, then both coordinates
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", d: secret.toString("base64url"), x: x ?? "", y: y ?? "" };
  return createPrivateKey({ format: "jwk", key: jwk });
}

function certificate(
  subject: Buffer,
  { key, authorityKey, from, until }: CertificateInput,
  extensions: Buffer[],
): string {
  const signed = sequence(
    tagged(0, integer(Buffer.of(2)), true), // version 3
    integer(randomBytes(16)),
    ECDSA_WITH_SHA256,
    AUTHORITY_NAME,
    sequence(time(from), time(until)),
    subject,
    publicKeyInfo(key),
    tagged(3, sequence(...extensions), true),
  );
  const whole = sequence(signed, ECDSA_WITH_SHA256, bitString(sign("sha256", signed, authorityKey)));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function extension(id: string, content: Buffer, critical?: "critical"): Buffer {
  return sequence(objectId(id), ...(critical ? [TRUE] : []), octetString(content));
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(objectId("2.5.4.3"), utf8String(commonName))));
}

function dnsName(host: string): Buffer {
  return tagged(2, Buffer.from(host, "ascii"), false);
}

/** `GeneralSubtrees` without its own tag, which the place replaces. */
function permittedDomains(): Buffer {
  return Buffer.concat(REDIRECTED_DOMAINS.map((domain) => sequence(dnsName(domain))));
}

function keyId(key: KeyObject): Buffer {
  return createHash("sha256").update(publicKeyInfo(key)).digest().subarray(0, 20);
}

function publicKeyInfo(key: KeyObject): Buffer {
  return (key.type === "private" ? createPublicKey(key) : key).export({ type: "spki", format: "der" });
}
