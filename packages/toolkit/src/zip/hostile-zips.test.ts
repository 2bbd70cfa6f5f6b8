import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { defineJob } from "../define-job.ts";
import { runJob } from "../testing/testing.ts";
import type { ArtifactLimits } from "./read-directory.ts";
import { type HandMade, zipByHand } from "./zip-by-hand.scripted.ts";

const scratch = mkdtempSync(join(tmpdir(), "penstock-hostile-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;

/** Extracts a zip in a job; answers what was reported. Nothing may be left, not even beside the folder. */
async function extracted(zip: Buffer, limits: Partial<ArtifactLimits> = {}): Promise<string> {
  folders += 1;
  const parent = join(scratch, `parent-${folders}`);
  const handler = defineJob({
    limits,
    async run(job) {
      await job.input("Source").extract(join(parent, "target"));
    },
  });
  const { report } = await runJob(handler, { inputs: { Source: zip } });
  if (report.status === "Failed" && existsSync(parent)) expect(readdirSync(parent)).toEqual([]);
  return report.status === "Failed"
    ? report.message.replace("InvalidZip: ", "").replace(" (Lambda request request-1)", "")
    : report.status;
}

const fine: HandMade = { name: "fine.txt", data: "fine" };

describe("a zip is refused, and nothing is written,", () => {
  test.each([
    ["../x", "entry '../x' leads out of its folder: its name is absolute or contains '..'"],
    ["a/../../x", "entry 'a/../../x' leads out of its folder: its name is absolute or contains '..'"],
    ["/etc/passwd", "entry '/etc/passwd' leads out of its folder: its name is absolute or contains '..'"],
    ["C:/x", "entry 'C:/x' leads out of its folder: its name is absolute or contains '..'"],
    ["a\\b", "entry 'a\\b' has no name, or a NUL byte or a backslash in it"],
    ["", "entry '' has no name, or a NUL byte or a backslash in it"],
  ])("for the name '%s'", async (name, message) => {
    expect(await extracted(zipByHand([fine, { name, data: "evil" }]))).toBe(message);
  });

  const big = Buffer.alloc(3 * 1024 * 1024, "some text, some more text and again ");
  test.each<[string, readonly HandMade[], string]>([
    [
      "a symbolic link",
      [{ name: "l", data: "fine.txt", mode: 0o120777 }],
      "entry 'l' is a symbolic link, refused unless limits.symlinks is 'skip'",
    ],
    [
      "an entry behind a link",
      [{ name: "l", data: ".", mode: 0o120777 }, { name: "l/x" }],
      "entry 'l' is a symbolic link, refused unless limits.symlinks is 'skip'",
    ],
    ["a device", [{ name: "d", mode: 0o020644 }], "entry 'd' is neither a file nor a folder"],
    ["one name twice", [fine, { name: "./fine.txt" }], "entry 'fine.txt' is in the zip twice, as a file and as a file"],
    [
      "a file that is a folder too",
      [{ name: "a" }, { name: "a/b" }],
      "entry 'a' is in the zip twice, as a file and as a folder",
    ],
    [
      "a folder that is a file too",
      [{ name: "a/b" }, { name: "a" }],
      "entry 'a' is in the zip twice, as a folder and as a file",
    ],
    ["shared data", [fine, { ...fine, name: "b", headerOf: 0 }], "entry 'fine.txt' overlaps what follows it"],
    ["encryption", [{ name: "e", flags: 0x801 }], "entry 'e' is encrypted"],
    [
      "an unknown compression",
      [{ name: "e", method: 14 }],
      "entry 'e' uses compression method 14, not stored or deflate",
    ],
    [
      "a wrong checksum",
      [fine, { name: "c", data: "x", crc: 1 }],
      "entry 'c' is damaged: it is not the 1 bytes that the zip declares",
    ],
    [
      "a wrong checksum of a large file",
      [{ name: "c", data: big, crc: 1 }],
      `entry 'c' is damaged: it is not the ${big.length} bytes that the zip declares`,
    ],
    [
      "more bytes than it declares",
      [{ name: "c", data: "long", declaredBytes: 3 }],
      "entry 'c' is damaged: it is not the 3 bytes that the zip declares",
    ],
    [
      "more bytes than it declares, large",
      [{ name: "c", data: big, declaredBytes: big.length - 1 }],
      `entry 'c' is damaged: it is not the ${big.length - 1} bytes that the zip declares`,
    ],
    [
      "fewer bytes than it declares",
      [{ name: "c", data: "long", declaredBytes: 5 }],
      "entry 'c' is damaged: it is not the 5 bytes that the zip declares",
    ],
    [
      "data that is not compressed",
      [{ name: "c", data: "long", stored: true, method: 8 }],
      "entry 'c' is damaged: it is not the 4 bytes that the zip declares",
    ],
  ])("for %s", async (_, entries, message) => {
    expect(await extracted(zipByHand(entries))).toBe(message);
  });

  test("for shared data by its directory alone", async () => {
    const handler = defineJob({ run: async (job) => void (await job.input("Source").files()) });
    const zip = zipByHand([fine, { ...fine, name: "b", headerOf: 0 }]);
    expect((await runJob(handler, { inputs: { Source: zip } })).report).toMatchObject({
      message: expect.stringContaining("entry 'fine.txt' overlaps what follows it"),
    });
  });

  test("when an entry is not where the directory says", async () => {
    const zip = zipByHand([fine]);
    zip.writeUInt8(0, 0);
    expect(await extracted(zip)).toBe("entry 'fine.txt' is not where the directory of the zip says");
  });

  test("when its directory goes beyond its end", async () => {
    const zip = zipByHand([{ ...fine, data: Buffer.alloc(300 * 1024, randomBytes(1024)), stored: true }]);
    zip.writeUInt8(0x10, zip.length - 8); // of the directory's length
    zip.writeUInt8(0, zip.length - 4); // of its offset, so that it begins far in front
    expect(await extracted(zip)).toBe(
      "The input artifact 'Source' is a damaged zip: its directory is missing or wrong",
    );
  });

  test("for a bomb", async () => {
    const message = await extracted(zipByHand([{ name: "bomb", data: Buffer.alloc(16 * 1024 * 1024) }]));
    expect(message).toMatch(/^entry 'bomb' would unpack from \d+ to 16777216 bytes; more than 250 to 1 is a bomb/);
  });

  test("and no byte is given beyond those that an entry declares", async () => {
    const declaredBytes = 2 * 1024 * 1024;
    const zip = zipByHand([{ name: "big", data: Buffer.alloc(64 * 1024 * 1024), declaredBytes }]);
    let givenBytes = 0;
    const handler = defineJob({
      async run(job) {
        for await (const chunk of await job.input("Source").file("big")) givenBytes += chunk.length;
      },
    });
    const { report } = await runJob(handler, { inputs: { Source: zip } });
    expect(report).toMatchObject({ message: expect.stringContaining("it is not the 2097152 bytes") });
    expect(givenBytes).toBeLessThanOrEqual(declaredBytes);
  });

  test("for limits that are set lower, and it is taken by higher ones", async () => {
    const bomb = zipByHand([{ name: "bomb", data: Buffer.alloc(16 * 1024 * 1024) }]);
    expect(await extracted(bomb, { ratioMax: 2000 })).toBe("Succeeded");
    const two = zipByHand([fine, { name: "b", data: "12345" }]);
    expect(await extracted(two, { entryCountMax: 1 })).toBe(
      "The input artifact 'Source' has 2 entries; at most 1 are allowed",
    );
    expect(await extracted(two, { totalBytesMax: 8 })).toBe(
      "entry 'b' brings the unpacked size to 9 bytes; at most 8 are allowed",
    );
    const link = zipByHand([fine, { name: "l", data: "/etc/passwd", mode: 0o120777 }]);
    expect(await extracted(link, { symlinks: "skip" })).toBe("Succeeded");
    expect(readdirSync(join(scratch, `parent-${folders}`, "target"))).toEqual(["fine.txt"]);
    const through = zipByHand([{ name: "l", data: "/tmp", mode: 0o120777 }, { name: "l/x" }]);
    expect(await extracted(through, { symlinks: "skip" })).toBe(
      "entry 'l' is in the zip twice, as a link and as a folder",
    );
  });

  test.each([
    ["is empty", Buffer.alloc(0), "The input artifact 'Source' is no zip: it is empty"],
    ["is a text", Buffer.from("hello"), "The input artifact 'Source' is no zip; 'stream' gives its bytes"],
    [
      "is a gzip file",
      Buffer.from("1f8b0800", "hex"),
      "The input artifact 'Source' is no zip but gzip, perhaps a .tar.gz; 'stream' gives its bytes",
    ],
    [
      "was cut off",
      zipByHand([fine]).subarray(0, -9),
      "The input artifact 'Source' is a damaged zip: its directory is missing or wrong",
    ],
  ])("when it %s", async (_, bytes, message) => {
    expect(await extracted(bytes)).toBe(message);
  });

  test("whichever byte of it is wrong, or it is unpacked to what was packed", async () => {
    const zip = zipByHand([fine, { name: "b/c.txt", data: "some text, some text, some text" }]);
    for (let at = 0; at < zip.length; at += 1) {
      const damaged = Buffer.from(zip);
      damaged.writeUInt8(zip.readUInt8(at) ^ 0xff, at);
      await extracted(damaged); // it fails or succeeds, but it ends, and leaves nothing outside its folder
    }
    expect(readdirSync(scratch).filter((name) => !name.startsWith("parent-"))).toEqual([]);
  });
});
