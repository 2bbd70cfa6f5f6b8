import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { extractZip } from "./extract-zip.ts";
import type { InvalidZipReason } from "./invalid-zip.ts";
import { listZip } from "./list-zip.ts";
import { ARTIFACT_ZIP_LIMITS, type ZipLimits } from "./zip-entries.ts";

const scratch = mkdtempSync(join(tmpdir(), "penstock-extract-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
function newTarget(): string {
  folders += 1;
  return join(scratch, `parent-${folders}`, "target");
}

/** What one entry of a zip built by hand says, each part of which may be a lie. */
interface HandMade {
  readonly name: string;
  readonly data?: Buffer | string;
  readonly stored?: boolean;
  readonly mode?: number;
  readonly madeBy?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly declaredBytes?: number;
  readonly declaredPackedBytes?: number;
  readonly crc?: number;
  /** Index of the entry whose local header is used instead of an own one. */
  readonly headerOf?: number;
}

function zipByHand(entries: readonly HandMade[]): Buffer {
  const parts: Buffer[] = [];
  const offsets: number[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? "");
    const packed = entry.stored ? data : deflateRawSync(data);
    const name = Buffer.from(entry.name);
    const shared = entry.headerOf === undefined ? undefined : offsets[entry.headerOf];
    const at = shared ?? offset;
    offsets.push(at);
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE(entry.flags ?? 0x800, 2);
    fixed.writeUInt16LE(entry.method ?? (entry.stored ? 0 : 8), 4);
    fixed.writeUInt16LE(0x21, 8);
    fixed.writeUInt32LE(entry.crc ?? crc32(data), 10);
    fixed.writeUInt32LE(entry.declaredPackedBytes ?? packed.length, 14);
    fixed.writeUInt32LE(entry.declaredBytes ?? data.length, 18);
    fixed.writeUInt16LE(name.length, 22);
    if (shared === undefined) {
      const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fixed, name, packed]);
      parts.push(local);
      offset += local.length;
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(at, 10);
    const madeBy = Buffer.from([20, entry.madeBy ?? 3]);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02", "latin1"), madeBy, fixed, tail, name]));
  }
  const records = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(records.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, records, end]);
}

/** Unpacks from memory and from a file, which must both refuse it in the same words and leave nothing behind. */
async function refusal(
  zip: Buffer,
  limits: ZipLimits = ARTIFACT_ZIP_LIMITS,
): Promise<{ reason: InvalidZipReason; message: string }> {
  const target = newTarget();
  const file = join(scratch, `zip-${folders}.zip`);
  writeFileSync(file, zip);
  const errors: { reason: InvalidZipReason; message: string }[] = [];
  for (const source of [zip, file]) {
    const error = await extractZip(source, target, limits).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: "InvalidZip" });
    const { reason, message } = error as { reason: InvalidZipReason; message: string }; // its name was just checked
    errors.push({ reason, message: message.replaceAll(target, "<target>").replace(file, "the uploaded file") });
    expect(existingBeside(target)).toEqual([]);
  }
  expect(errors[1]).toEqual(errors[0]);
  return errors[0] as { reason: InvalidZipReason; message: string }; // both sources were refused above
}

function existingBeside(target: string): readonly string[] {
  try {
    return readdirSync(join(target, ".."));
  } catch {
    return [];
  }
}

const link = (name: string, target: string): HandMade => ({ name, data: target, mode: 0o120777 });

describe("a zip that leads out of its folder is refused before anything is written", () => {
  test.each([
    ["../x", "entry '../x' would be written outside <target>: its name contains '..'"],
    ["a/../../x", "entry 'a/../../x' would be written outside <target>: its name contains '..'"],
    ["a/..", "entry 'a/..' would be written outside <target>: its name contains '..'"],
    ["/etc/passwd", "entry '/etc/passwd' would be written outside <target>: its name is absolute"],
    ["C:/x", "entry 'C:/x' would be written outside <target>: its name is absolute"],
  ])("by its name %s", async (name, message) => {
    const zip = zipByHand([
      { name: "fine.txt", data: "fine" },
      { name, data: "evil" },
    ]);
    expect(await refusal(zip)).toEqual({ reason: "escapes", message });
  });

  test.each([
    ["out", "../secret"],
    ["a/out", "../../secret"],
    ["out", "/etc/passwd"],
    ["out", "a/../../secret"],
    ["out", ""],
  ])("by a link %s -> '%s'", async (name, target) => {
    expect(await refusal(zipByHand([link(name, target)]))).toMatchObject({ reason: "escapes" });
  });

  test("by an entry behind a link, in either order", async () => {
    const entries = [link("a", "b"), { name: "b/" }, { name: "a/x", data: "evil" }];
    for (const order of [entries, entries.toReversed()]) {
      expect(await refusal(zipByHand(order))).toEqual({
        reason: "escapes",
        message: "entry 'a/x' would be written through 'a', which is a symbolic link",
      });
    }
  });

  test("by links that only together lead outside", async () => {
    const zip = zipByHand([{ name: "d/e/" }, link("d/e/here", "."), link("out", "d/e/here/../../../secret")]);
    expect(await refusal(zip)).toMatchObject({ reason: "escapes" });
  });
});

test("names that could be read in two ways are refused", async () => {
  expect(await refusal(zipByHand([{ name: "a\\b" }]))).toEqual({
    reason: "badName",
    message: "entry 'a\\b' has a backslash in its name; the parts of a name are separated by '/'",
  });
  expect(await refusal(zipByHand([{ name: "a\0b" }]))).toMatchObject({ reason: "badName" });
  expect(await refusal(zipByHand([{ name: "" }]))).toMatchObject({ reason: "badName" });
  expect(await refusal(zipByHand([{ name: "x".repeat(256) }]))).toMatchObject({ reason: "badName" });
});

test("two entries of one name are refused, also when they are spelled differently", async () => {
  const message = "entry 'a/b' is in the zip twice; which one counts is not defined";
  for (const other of ["a/b", "./a//b"]) {
    expect(await refusal(zipByHand([{ name: "a/b" }, { name: other }]))).toEqual({ reason: "duplicate", message });
  }
  expect(await refusal(zipByHand([{ name: "a" }, { name: "a/b" }]))).toMatchObject({ reason: "duplicate" });
  expect(await refusal(zipByHand([{ name: "a/" }, { name: "a" }]))).toMatchObject({ reason: "duplicate" });
});

test("entries that share their data are refused", async () => {
  const zip = zipByHand([
    { name: "a", data: "same" },
    { name: "b", data: "same", headerOf: 0 },
  ]);
  expect(await refusal(zip)).toEqual({ reason: "overlap", message: "entry 'a' overlaps entry 'b'" });
});

test("an overlap that only a local header shows is refused", async () => {
  const zip = zipByHand([
    { name: "a", data: "x", stored: true },
    { name: "b", data: "y" },
  ]);
  zip.writeUInt16LE(5, 28); // the first local header claims extra fields, which moves its data into the second entry
  expect(await refusal(zip)).toEqual({ reason: "overlap", message: "entry 'a' overlaps what follows it" });
});

describe("a zip that would grow too much is refused before anything is written", () => {
  test("by the gain of one entry", async () => {
    const zip = zipByHand([{ name: "bomb", data: Buffer.alloc(16 * 1024 * 1024) }]);
    const refused = await refusal(zip);
    expect(refused.reason).toBe("tooLarge");
    expect(refused.message).toMatch(/^entry 'bomb' would unpack from \d+ to 16777216 bytes; more than 250 to 1/);
  });

  test("by its total", async () => {
    const zip = zipByHand([
      { name: "a", data: "12345" },
      { name: "b", data: "123456" },
    ]);
    expect(await refusal(zip, { ...ARTIFACT_ZIP_LIMITS, totalBytesMax: 10 })).toEqual({
      reason: "tooLarge",
      message: "entry 'b' brings the unpacked size above 10 bytes, the most that is allowed",
    });
  });

  test("by its number of entries", async () => {
    const zip = zipByHand([{ name: "a" }, { name: "b" }]);
    expect(await refusal(zip, { ...ARTIFACT_ZIP_LIMITS, entryCountMax: 1 })).toMatchObject({ reason: "tooLarge" });
  });
});

describe.each([
  ["inflated at once", Buffer.from("some text, some text")],
  ["streamed", Buffer.alloc(3 * 1024 * 1024, "some text, some more text and again ")],
])("an entry %s", (_, data) => {
  test("with a wrong checksum is refused", async () => {
    const zip = zipByHand([{ name: "first" }, { name: "bad", data, crc: 1 }]);
    expect(await refusal(zip)).toEqual({
      reason: "corrupt",
      message: "entry 'bad' is damaged: its CRC-32 is not what the zip says",
    });
  });

  test("that unpacks to more than it declares is refused", async () => {
    const zip = zipByHand([{ name: "bad", data, declaredBytes: data.length - 1 }]);
    expect(await refusal(zip)).toEqual({
      reason: "corrupt",
      message: `entry 'bad' unpacks to more than the ${data.length - 1} bytes that the zip declares`,
    });
  });

  test("that unpacks to less than it declares is refused", async () => {
    const zip = zipByHand([{ name: "bad", data, declaredBytes: data.length + 1 }]);
    expect(await refusal(zip)).toEqual({
      reason: "corrupt",
      message: `entry 'bad' unpacks to ${data.length} bytes, but the zip declares ${data.length + 1}`,
    });
  });

  test("whose compressed bytes are damaged is refused", async () => {
    const zip = zipByHand([{ name: "bad", data }]);
    zip.fill(0xff, 33, 40);
    expect(await refusal(zip)).toEqual({
      reason: "corrupt",
      message: "entry 'bad' is damaged: its compressed data cannot be read",
    });
  });
});

test("what cannot be unpacked is named", async () => {
  expect(await refusal(zipByHand([{ name: "locked", flags: 0x801 }]))).toEqual({
    reason: "unsupported",
    message: "entry 'locked' is encrypted; encrypted zips cannot be unpacked",
  });
  expect(await refusal(zipByHand([{ name: "new", method: 93 }]))).toMatchObject({ reason: "unsupported" });
  expect(await refusal(zipByHand([{ name: "pipe", mode: 0o010644 }]))).toEqual({
    reason: "unsupported",
    message: "entry 'pipe' is neither a file, nor a folder, nor a symbolic link",
  });
});

test("a zip cut off anywhere is refused", async () => {
  const whole = zipByHand([
    { name: "a", data: "some text" },
    { name: "b/c", data: "more" },
  ]);
  for (let length = 4; length < whole.length; length += 1) {
    expect(["truncated", "corrupt"]).toContain((await refusal(whole.subarray(0, length))).reason);
  }
  expect(await refusal(whole.subarray(0, 60))).toEqual({
    reason: "truncated",
    message: "the uploaded file is a damaged zip: its directory is missing, so the file was cut off",
  });
});

test("a directory that points outside the file is refused", async () => {
  const zip = zipByHand([{ name: "a", data: "text" }]);
  zip.writeUInt32LE(zip.length + 10, zip.length - 6);
  expect(await refusal(zip)).toMatchObject({ reason: "corrupt" });
  const far = zipByHand([{ name: "a", data: "text", declaredPackedBytes: 5000 }]);
  expect(await refusal(far)).toMatchObject({
    reason: "truncated",
    message: "entry 'a' goes on after the end of the zip",
  });
});

test.each([
  [Buffer.from("<html><body>Not Found"), `the uploaded file is not a zip: it starts with "<html><body>Not "`],
  [
    Buffer.from("1f8b0800000000000003", "hex"),
    "the uploaded file is not a zip: it starts with 1f 8b 08 00 00 00 00 00 00 03 (a gzip file, perhaps a .tar.gz)",
  ],
  [Buffer.alloc(0), "the uploaded file is not a zip: it is empty"],
])("what is not a zip is named by how it starts, case %#", async (bytes, message) => {
  expect(await refusal(bytes)).toEqual({ reason: "notAZip", message });
});

test("files, folders, links and executable bits are unpacked; other bits are not", async () => {
  const target = newTarget();
  const zip = zipByHand([
    { name: "run.sh", data: "#!/bin/sh", mode: 0o104775 },
    { name: "plain.txt", data: "text", mode: 0o100600 },
    { name: "stored.bin", data: "as it is", stored: true },
    { name: "empty/" },
    { name: "./deep/er/file", data: "deep" },
    { name: "dos.txt", data: "dos", madeBy: 0, mode: 0o120777 },
    link("deep/er/up", "../../plain.txt"),
  ]);
  expect(await extractZip(zip, target)).toEqual({ fileCount: 5, sizeBytes: 9 + 4 + 8 + 4 + 3 });
  const modes = ["run.sh", "plain.txt", "dos.txt", "empty", "."].map(
    (name) => statSync(join(target, name)).mode & 0o7777,
  );
  expect(modes).toEqual([0o755, 0o644, 0o644, 0o755, 0o755]);
  expect(readlinkSync(join(target, "deep/er/up"))).toBe("../../plain.txt");
  expect(readFileSync(join(target, "deep/er/up"), "utf8")).toBe("text");
  expect(readFileSync(join(target, "stored.bin"), "utf8")).toBe("as it is");
});

test("a folder with something in it is neither replaced nor changed", async () => {
  const target = newTarget();
  await extractZip(zipByHand([{ name: "old", data: "old" }]), target);
  await expect(extractZip(zipByHand([{ name: "new", data: "new" }]), target)).rejects.toMatchObject({
    code: "ENOTEMPTY",
  });
  expect(readdirSync(target)).toEqual(["old"]);
  expect(existingBeside(target)).toEqual(["target"]);
});

test("a zip without entries unpacks to an empty folder", async () => {
  const target = newTarget();
  expect(await extractZip(zipByHand([]), target)).toEqual({ fileCount: 0, sizeBytes: 0 });
  expect(readdirSync(target)).toEqual([]);
});

test("a listing is sorted and refuses what unpacking would refuse", async () => {
  const listed = await listZip(zipByHand([{ name: "b", data: "bb" }, { name: "a/" }]));
  expect(listed.map(({ path, type, sizeBytes }) => [path, type, sizeBytes])).toEqual([
    ["a", "directory", 0],
    ["b", "file", 2],
  ]);
  await expect(listZip(zipByHand([{ name: "../x" }]))).rejects.toMatchObject({ reason: "escapes" });
});
