/**
 * Verifies one signed request again and again, as the server does for every call: ours, and the cryptography alone
 * that no verification can do without.
 */
import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { readRequest } from "../../packages/server/src/wire/request.ts";
import { authenticate } from "../../packages/server/src/wire/signature/authenticate.ts";
import { SigningKeys } from "../../packages/server/src/wire/signature/signing-key.ts";
import { answerQuestions } from "../program.ts";
import { signedRequest, signingKey } from "../sign.ts";

export interface VerificationsQuestion {
  readonly what: "ours" | "cryptography";
  readonly count: number;
}

export interface VerificationsAnswer {
  readonly ms: number;
}

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const host = "127.0.0.1:4566";
const service = "codepipeline";
const region = "us-east-1";
const target = "CodePipeline_20150709.PutJobSuccessResult";
const input = { jobId: "11111111-2222-3333-4444-555555555555" };

answerQuestions(async ({ what, count }: VerificationsQuestion): Promise<VerificationsAnswer> => {
  const at = Date.now();
  const text = signedRequest({ host, target, input, service, region, credentials, at }).toString();
  const verify = what === "ours" ? ours(text, at) : cryptography(text);
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) verify();
  return { ms: performance.now() - startedAt };
});

function ours(text: string, clockNow: number): () => void {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const lines = head.split("\r\n").slice(1);
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/, 2) as [string, string])); // name and value
  // Of a message, only what a verification reads.
  const message = { method: "POST", url: "/", headers, rawHeaders: Object.entries(headers).flat() };
  const keys = new SigningKeys();
  const { accessKeyId, secretAccessKey } = credentials;
  const principal = { account: "000000000000", arn: "arn:aws:iam::000000000000:root", accessKeyId };
  const options = {
    service,
    dialect: "json",
    keys,
    clockNow,
    findKey: () => ({ found: true, secretAccessKey, principal }) as const,
    payloadHash: () => createHash("sha256").update(body).digest("hex"),
  } as const;
  return () => void authenticate(readRequest(message as unknown as IncomingMessage), options);
}

/** The hash of the body, that of the canonical request, and the signature of that with a key that is there. */
function cryptography(text: string): () => void {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const canonical = head.slice(0, head.indexOf("authorization")).padEnd(CANONICAL_BYTES, ".");
  const key = createSecretKey(signingKey(credentials.secretAccessKey, "20261124", region, service));
  const expected = createHmac("sha256", key).update(canonical).digest();
  return () => {
    createHash("sha256").update(body).digest("hex");
    const hash = createHash("sha256").update(canonical).digest("hex");
    timingSafeEqual(createHmac("sha256", key).update(`${SCOPE}${hash}`).digest(), expected);
  };
}

/** About what the canonical form of such a request has. */
const CANONICAL_BYTES = 320;
const SCOPE = "AWS4-HMAC-SHA256\n20261124T000000Z\n20261124/us-east-1/codepipeline/aws4_request\n";
