import { createSecretKey } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { signingKey } from "../testing/sign.ts";
import { ChunkedBody, type ChunkedOptions } from "./aws-chunked.ts";
import { EMPTY_SHA256, sha256Hex } from "./canonical.ts";
import { hmac } from "./signing-key.ts";

const date = "20261124T100000Z";
const scope = "20261124/us-east-1/s3/aws4_request";
const seed = {
  signature: "ab".repeat(32),
  key: createSecretKey(signingKey({}, "20261124", "us-east-1", "s3")),
  date,
  scope,
};

/** The body as a client sends it. */
function encode(
  chunks: readonly Buffer[],
  trailers: Readonly<Record<string, string>> | undefined,
  signed: boolean,
): Buffer {
  let previous = seed.signature;
  const parts: Buffer[] = [];
  const sign = (text: string) => {
    previous = hmac(seed.key, text).toString("hex");
    return previous;
  };
  for (const chunk of [...chunks.filter(({ length }) => length > 0), Buffer.alloc(0)]) {
    const text = `AWS4-HMAC-SHA256-PAYLOAD\n${date}\n${scope}\n${previous}\n${EMPTY_SHA256}\n${sha256Hex(chunk)}`;
    const extension = signed ? `;chunk-signature=${sign(text)}` : "";
    parts.push(
      Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`),
      chunk,
      Buffer.from(chunk.length > 0 ? "\r\n" : ""),
    );
  }
  const lines = Object.entries(trailers ?? {}).map(([name, value]) => `${name}:${value}`);
  if (trailers && signed) {
    const hash = sha256Hex(lines.map((line) => `${line}\n`).join(""));
    lines.push(`x-amz-trailer-signature:${sign(`AWS4-HMAC-SHA256-TRAILER\n${date}\n${scope}\n${previous}\n${hash}`)}`);
  }
  parts.push(Buffer.from(`${lines.map((line) => `${line}\r\n`).join("")}\r\n`));
  return Buffer.concat(parts);
}

/** Decodes a body that arrives in pieces of some size. */
async function decode(encoded: Buffer, pieceBytes: number, options: ChunkedOptions) {
  const pieces: Buffer[] = [];
  for (let at = 0; at < encoded.length; at += pieceBytes) pieces.push(encoded.subarray(at, at + pieceBytes));
  const decoded: Buffer[] = [];
  const body = new ChunkedBody(options);
  await pipeline(Readable.from(pieces), body, async (source) => {
    for await (const part of source) decoded.push(part);
  });
  return { body: Buffer.concat(decoded), trailers: body.trailers };
}

const binary = fc.array(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 4 },
);

test("chunks are taken apart wherever the network cuts them", async () => {
  await fc.assert(
    fc.asyncProperty(
      binary,
      fc.integer({ min: 1, max: 50 }),
      fc.boolean(),
      fc.boolean(),
      async (chunks, pieceBytes, signed, trailing) => {
        const trailers = trailing ? { "x-amz-checksum-crc32": "AAAAAA==" } : undefined;
        const whole = Buffer.concat(chunks);
        const options = {
          decodedBytes: whole.length,
          ...(signed && { seed }),
          ...(trailers && { trailers: Object.keys(trailers) }),
        };
        const decoded = await decode(encode(chunks, trailers, signed), pieceBytes, options);
        expect(decoded.body.equals(whole)).toBe(true);
        expect(decoded.trailers).toMatchObject(trailers ?? {});
      },
    ),
    { numRuns: 60 },
  );
});

test("one flipped bit anywhere in a signed body is found", async () => {
  const encoded = encode([Buffer.from("hello "), Buffer.from("world")], { "x-amz-checksum-crc32": "DUoRhQ==" }, true);
  const options = { seed, trailers: ["x-amz-checksum-crc32"], decodedBytes: 11 };
  expect((await decode(encoded, 7, options)).body.toString()).toBe("hello world");
  await fc.assert(
    fc.asyncProperty(fc.nat(encoded.length - 1), fc.nat(7), async (at, bit) => {
      const spoiled = Buffer.from(encoded);
      spoiled[at] = (spoiled[at] ?? 0) ^ (1 << bit);
      const outcome = await decode(spoiled, 16, options).catch((error) => error.name);
      // A letter of a hexadecimal size or of a header's name may change its case without changing what it says.
      if (outcome !== "ServiceError") expect(outcome.body.toString()).toBe("hello world");
    }),
    { numRuns: 150 },
  );
});

test("what is malformed, cut off or too much is refused", async () => {
  const plain: ChunkedOptions = { decodedBytes: 3, trailers: ["x-amz-checksum-crc32"] };
  const trailer = "x-amz-checksum-crc32:AAAAAA==\r\n";
  const rows: (readonly [string, string])[] = [
    ["", "IncompleteBody"],
    ["3\r\nab", "IncompleteBody"],
    ["3\r\nabc\r\n", "IncompleteBody"],
    [`3\r\nabc\r\n0\r\n${trailer}`, "IncompleteBody"],
    [`2\r\nab\r\n0\r\n${trailer}\r\n`, "IncompleteBody"],
    ["3\r\nabcd\r\n", "InvalidChunkSizeError"],
    ["x\r\n", "InvalidChunkSizeError"],
    ["-3\r\n", "InvalidChunkSizeError"],
    ["fffffffffffffffff\r\n", "InvalidChunkSizeError"],
    ["3\nabc\n", "InvalidChunkSizeError"],
    ["3".repeat(2_000), "InvalidChunkSizeError"],
    [`3\r\nabc\r\n0\r\n${trailer}\r\nmore`, "InvalidChunkSizeError"],
    ["3\r\nabc\r\n0\r\n\r\n", "MalformedTrailerError"],
    ["3\r\nabc\r\n0\r\nx-other:1\r\n\r\n", "MalformedTrailerError"],
    [`3\r\nabc\r\n0\r\n${trailer}${trailer}\r\n`, "MalformedTrailerError"],
  ];
  for (const [encoded, code] of rows) {
    await expect(decode(Buffer.from(encoded), 5, plain), encoded.slice(0, 40)).rejects.toMatchObject({ code });
  }
  await expect(
    decode(encode([Buffer.from("abc")], undefined, false), 5, { seed, decodedBytes: 3 }),
  ).rejects.toMatchObject({ code: "InvalidChunkSizeError" });
  const otherKey = {
    ...seed,
    key: createSecretKey(signingKey({ secretAccessKey: "other" }, "20261124", "us-east-1", "s3")),
  };
  await expect(
    decode(encode([Buffer.from("abc")], undefined, true), 5, { seed: otherKey, decodedBytes: 3 }),
  ).rejects.toMatchObject({ code: "SignatureDoesNotMatch", status: 403 });
});
