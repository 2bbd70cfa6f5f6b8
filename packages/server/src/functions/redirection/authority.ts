import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { authorityCertificate, hostCertificate, keyFrom } from "./certificate.ts";
import { javaTrustStore } from "./java-trust-store.ts";

/*
 * A certificate authority for one data folder. Its key is derived from the master key, so it lies nowhere; who trusts
 * it are the processes of functions that get its certificate, and nobody else.
 */

const DAY_MS = 24 * 3600 * 1000;
/** Clocks differ. */
const BACKDATED_MS = DAY_MS;
const AUTHORITY_MS = 10 * 365 * DAY_MS;
/** The longest that clients accept. Source: CA/Browser Forum baseline requirements before 2020. */
const HOST_MS = 825 * DAY_MS;
/** Hosts whose certificates are kept. */
const HOSTS_MAX = 256;

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** What a TLS connection for a host is opened with. */
  contextFor(host: string): SecureContext;
}

/** `secret` is 32 bytes, `now` the real clock. */
export function openAuthority(secret: Buffer, now: () => number): Authority {
  const authorityKey = keyFrom(secret);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  const contexts = new Map<string, SecureContext>();
  return {
    certificate: authorityCertificate({ key: authorityKey, ...validity(now(), AUTHORITY_MS) }),
    contextFor(host) {
      const known = contexts.get(host);
      if (known) return known;
      const cert = certificateFor(host, privateKey, authorityKey, now());
      const context = createSecureContext({ key, cert });
      if (contexts.size >= HOSTS_MAX) contexts.clear();
      contexts.set(host, context);
      return context;
    },
  };
}

function certificateFor(host: string, key: KeyObject, authorityKey: KeyObject, now: number): string {
  return hostCertificate(host, { key, authorityKey, ...validity(now, HOST_MS) });
}

function validity(now: number, durationMs: number) {
  return { from: now - BACKDATED_MS, until: now + durationMs };
}

/** Files that a function's process is told to trust. */
export interface TrustFiles {
  /** The authority alone, for who adds it to what they trust anyway. */
  readonly authority: string;
  /** The authority and all that the system trusts, for who trusts only what is in it. */
  readonly bundle: string;
  /** The same for Java. */
  readonly javaStore: string;
}

/** Writes them into a folder, anew: what the system trusts may have changed. `env` is the server's own environment. */
export function writeTrustFiles(
  folder: string,
  { certificate }: Authority,
  env: Readonly<Record<string, string | undefined>>,
): TrustFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const bundle = `${certificate}\n${trustedBySystem(env)}`;
  const file = (name: string, content: string | Buffer) => writeWhole(join(folder, name), content);
  return {
    authority: file("authority.pem", certificate),
    bundle: file("bundle.pem", bundle),
    javaStore: file("bundle.jks", javaTrustStore(bundle, Date.now())),
  };
}

/** A process that reads it meanwhile sees the old one. Answers the file. */
function writeWhole(file: string, content: string | Buffer): string {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
  return file;
}

/** Where systems keep what they trust. Source: Go's crypto/x509, root_linux.go and root_bsd.go. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

function trustedBySystem(env: Readonly<Record<string, string | undefined>>): string {
  const candidates = [env["SSL_CERT_FILE"], ...SYSTEM_BUNDLES];
  const system = candidates.find((file) => file !== undefined && existsSync(file));
  const added = env["NODE_EXTRA_CA_CERTS"];
  const files = [system, added].filter((file) => file !== undefined && existsSync(file));
  if (!system) return [...rootCertificates, ...files.map(readText)].join("\n"); // Node's own, which are Mozilla's.
  return files.map(readText).join("\n");
}

const readText = (file: string | undefined) => (file === undefined ? "" : readFileSync(file, "utf8"));
