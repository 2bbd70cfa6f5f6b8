import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { extractZip } from "./extract-zip.ts";
import { listZip } from "./list-zip.ts";
import { zipFolder } from "./zip-folder.ts";
import { dataDescriptor, directoryRecord, endOfDirectory, localHeader } from "./zip-format.ts";

const scratch = mkdtempSync(join(tmpdir(), "penstock-zip-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Tree = Readonly<Record<string, string | Buffer>>;

let folders = 0;
function newFolder(tree: Tree = {}): string {
  folders += 1;
  const dir = join(scratch, `folder-${folders}`);
  mkdirSync(dir);
  for (const [name, data] of Object.entries(tree)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), data);
  }
  return dir;
}

function collect(): { readonly target: Writable; readonly bytes: () => Buffer } {
  const chunks: Buffer[] = [];
  const target = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { target, bytes: () => Buffer.concat(chunks) };
}

async function zipped(dir: string, options: Parameters<typeof zipFolder>[2] = {}): Promise<Buffer> {
  const { target, bytes } = collect();
  const { sizeBytes } = await zipFolder(dir, target, options);
  expect(bytes().length).toBe(sizeBytes);
  return bytes();
}

function treeOf(dir: string): Record<string, Buffer> {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(dir, name))]));
}

/** Files of every way of packing: in place, on another thread, streamed; compressible and not. */
const noise = (sizeBytes: number) =>
  Buffer.from(Array.from({ length: sizeBytes }, (_, i) => (i * i * 31 + (i >> 3)) & 255));
const everySize: Tree = {
  "empty.txt": "",
  "small.txt": "text ".repeat(20),
  "noise.bin": noise(1000),
  "middle.txt": "text ".repeat(50_000),
  "large.txt": "some text and some more ".repeat(100_000),
  "deep/er/file": "deep",
  "naïve ☃.txt": "unicode",
};

test("what is zipped unpacks to the same, whatever its size", async () => {
  const dir = newFolder(everySize);
  chmodSync(join(dir, "small.txt"), 0o700);
  mkdirSync(join(dir, "hollow/inner"), { recursive: true });
  const target = join(scratch, "everything");
  expect(await extractZip(await zipped(dir), target)).toMatchObject({ fileCount: Object.keys(everySize).length });
  expect(treeOf(target)).toEqual(treeOf(dir));
  expect(statSync(join(target, "hollow/inner")).isDirectory()).toBe(true);
  expect(statSync(join(target, "small.txt")).mode & 0o777).toBe(0o755);
  expect(statSync(join(target, "middle.txt")).mode & 0o777).toBe(0o644);
});

test("any tree of files comes back as it was", async () => {
  const part = fc.stringMatching(/^[a-c ü]{1,3}$/).filter((name) => name.trim() === name);
  const files = fc.dictionary(part, fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: "binary" })), {
    maxKeys: 6,
  });
  await fc.assert(
    fc.asyncProperty(files, part, async (contents, folder) => {
      const tree = Object.entries(contents).map(([name, data], index) => [
        index % 2 ? name : `${folder}.d/${name}`,
        Buffer.from(data),
      ]);
      const dir = newFolder(Object.fromEntries(tree));
      const target = `${dir}-back`;
      await extractZip(await zipped(dir), target);
      expect(treeOf(target)).toEqual(treeOf(dir));
    }),
    { numRuns: 60 },
  );
});

test("equal folders give equal bytes, whatever their times, modes and order of making", async () => {
  const one = newFolder(everySize);
  const other = newFolder(Object.fromEntries(Object.entries(everySize).reverse()));
  utimesSync(join(other, "large.txt"), 1, 1);
  chmodSync(join(other, "large.txt"), 0o600);
  expect(await zipped(one)).toEqual(await zipped(other));
});

test("names are sorted and nothing is left out unless asked", async () => {
  const dir = newFolder({
    "b/.git/HEAD": "ref",
    "a.txt": "a",
    "b/z": "z",
    B: "B",
    "b-c": "before b/",
    "node_modules/.cache/x": "x",
  });
  // In the order of the local headers, whose names stand before the ones of the directory.
  const names = async (options = {}) => {
    const bytes = await zipped(dir, options);
    const listed = (await listZip(bytes)).map((entry) => entry.path);
    return listed.sort((a, b) => bytes.indexOf(a, 30) - bytes.indexOf(b, 30));
  };
  expect(await names()).toEqual(["B", "a.txt", "b-c", "b/.git/HEAD", "b/z", "node_modules/.cache/x"]);
  expect(await names({ exclude: (name: string) => name.endsWith("/.git/") || name === "a.txt" })).toEqual([
    "B",
    "b-c",
    "b/z",
    "node_modules/.cache/x",
  ]);
});

test("a link inside is followed, or refused when asked", async () => {
  const dir = newFolder({ "real/file": "text" });
  symlinkSync("real", join(dir, "linked"));
  const entries = await listZip(await zipped(dir));
  expect(entries.map(({ path, type }) => [path, type])).toEqual([
    ["linked/file", "file"],
    ["real/file", "file"],
  ]);
  await expect(zipped(dir, { symlinks: "refuse" })).rejects.toThrow("'linked' is a symbolic link; replace it");
});

test("a link that leads outside, nowhere, or in a circle is refused by name, unless it is left out", async () => {
  const outside = newFolder({ secret: "secret" });
  for (const [target, message] of [
    [outside, /^'x\/bad' is a symbolic link that leads outside /],
    ["nowhere", "'x/bad' is a symbolic link that leads nowhere"],
    ["..", "'x/bad' is a symbolic link to a folder that contains it"],
  ] as const) {
    const dir = newFolder({ "x/fine": "fine" });
    symlinkSync(target, join(dir, "x/bad"));
    await expect(zipped(dir)).rejects.toThrow(message);
    await expect(zipped(dir, { exclude: (name) => name === "x/bad" })).resolves.toBeInstanceOf(Buffer);
  }
});

test("what is no folder is refused", async () => {
  const dir = newFolder({ file: "" });
  await expect(zipped(join(dir, "missing"))).rejects.toThrow(`${join(dir, "missing")} does not exist`);
  await expect(zipped(join(dir, "file"))).rejects.toThrow(`${join(dir, "file")} is not a folder`);
});

test("a file appears whole or not at all", async () => {
  const dir = newFolder({ "large.txt": everySize["large.txt"] ?? "" });
  const target = join(scratch, "whole.zip");
  await zipFolder(dir, target);
  expect(readFileSync(target)).toEqual(await zipped(dir));
  const missing = join(scratch, "no such folder", "x.zip");
  await expect(zipFolder(dir, missing)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a target that fails ends the work with its error", async () => {
  const dir = newFolder(everySize);
  const target = new Writable({ write: (_chunk, _encoding, done) => done(new Error("the disk is full")) });
  await expect(zipFolder(dir, target)).rejects.toThrow("the disk is full");
});

test("numbers beyond 4 GiB and 65,535 entries use the 64-bit records, which are read back", async () => {
  const count = 65_536;
  const begun = { mode: 0o100644, method: "stored", crc32: 0, packedBytes: 0, sizeBytes: 0, streamed: false } as const;
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (let i = 0; i < count; i += 1) {
    const entry = { ...begun, name: Buffer.from(`f${i}`) };
    const header = localHeader(entry, false);
    local.push(header);
    directory.push(directoryRecord({ ...entry, headerOffset: offset }));
    offset += header.length;
  }
  const records = Buffer.concat(directory);
  const zip = Buffer.concat([...local, records, endOfDirectory(count, offset, records.length)]);
  expect(await listZip(zip)).toHaveLength(count);

  const huge = directoryRecord({
    ...begun,
    name: Buffer.from("huge"),
    sizeBytes: 2 ** 33,
    packedBytes: 2 ** 33,
    headerOffset: 5,
  });
  const alone = Buffer.concat([huge, endOfDirectory(1, 0, huge.length)]);
  await expect(listZip(alone)).rejects.toMatchObject({
    reason: "truncated",
    message: "entry 'huge' goes on after the end of the zip",
  });
  expect(dataDescriptor({ crc32: 1, packedBytes: 2 ** 33, sizeBytes: 2 ** 34 }, true).readBigUInt64LE(16)).toBe(
    2n ** 34n,
  );
});
