import { createHash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { openMd5s } from "./md5.ts";

const md5s = openMd5s();

afterAll(() => md5s.close());

const bytes = createHash("shake256", { outputLength: 3 * 1024 ** 2 + 7 })
  .update("penstock")
  .digest();

async function digestOf(body: Buffer, pieceBytes: number): Promise<string> {
  const md5 = md5s.start();
  for (let at = 0; at < body.length; at += pieceBytes) await md5.update(body.subarray(at, at + pieceBytes));
  return (await md5.digest()).toString("hex");
}

const expected = (body: Buffer) => createHash("md5").update(body).digest("hex");

test.each([0, 1, 524_287, 524_288, 524_289, 786_432, bytes.length])(
  "the MD5 of %i bytes is that of the bytes, in pieces of any size",
  async (sizeBytes) => {
    const body = bytes.subarray(0, sizeBytes);
    for (const pieceBytes of [65_536, 100_003, 2_000_000]) {
      expect(await digestOf(body, pieceBytes)).toBe(expected(body));
    }
  },
);

test("bodies that come at once do not mix, though there are more of them than stretches of memory", async () => {
  const bodies = Array.from({ length: 20 }, (_, index) => bytes.subarray(index * 1000));
  const digests = await Promise.all(bodies.map((body) => digestOf(body, 65_536)));
  expect(digests).toEqual(bodies.map(expected));
});

test("a body that is given up leaves the others alone", async () => {
  const givenUp = md5s.start();
  await givenUp.update(bytes);
  givenUp.abandon();
  expect(await digestOf(bytes, 65_536)).toBe(expected(bytes));
});

test("a body whose thread ends fails, and the next one has a thread of its own", async () => {
  const own = openMd5s();
  const cut = own.start();
  await cut.update(bytes);
  await own.close();
  await expect(cut.digest()).rejects.toThrow("The thread that computes MD5s has ended.");
  const next = own.start();
  await next.update(bytes);
  expect((await next.digest()).toString("hex")).toBe(expected(bytes));
  await own.close();
});
