import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { zipFolder } from "../archive/zip-folder.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { ServiceError } from "../wire/error.ts";
import type { CodeObjects, CodeSource } from "./function-code.ts";
import { createFunctionRegistry, type FunctionRegistry, specOf } from "./registry.ts";

const scratch = mkdtempSync(join(tmpdir(), "penstock-registry-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const account = "000000000000";
const region = "us-east-1";
const home = { account, region };
const roleArn = `arn:aws:iam::${account}:role/lambda`;
const settings = { runtime: "python3.12", handler: "app.handler", roleArn };

let rounds = 0;
let dir: string;
let store: Store;
let registry: FunctionRegistry;
let clock: number;

beforeEach(() => {
  rounds += 1;
  dir = join(scratch, `round-${rounds}`);
  mkdirSync(dir);
  clock = Date.UTC(2026, 10, 24, 10);
  store = openSqliteStore({ path: join(dir, "store.db") });
  registry = open(store);
});
afterEach(() => store.close());

/** Objects of one bucket, in memory; as strict about what is missing as S3. */
const objects = new Map<string, Buffer>();
const bucket: CodeObjects = {
  get: async ({ bucket: name, key }) => {
    if (name !== "code") throw new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404);
    const bytes = objects.get(key);
    if (!bytes) throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404);
    return { body: Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]) };
  },
};

const codeDir = () => join(dir, "functions");
const unpacked = () => (existsSync(codeDir()) ? readdirSync(codeDir()) : []);

function open(opened: Store): FunctionRegistry {
  return createFunctionRegistry({ store: opened, dir: codeDir(), objects: bucket, now: () => clock });
}

let folders = 0;
function folderWith(files: Readonly<Record<string, string>>): string {
  folders += 1;
  const folder = join(scratch, `code-${folders}`);
  mkdirSync(folder);
  for (const [name, data] of Object.entries(files)) writeFileSync(join(folder, name), data);
  return folder;
}

async function zipWith(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const folder = folderWith(files);
  if (files["bootstrap"] !== undefined) chmodSync(join(folder, "bootstrap"), 0o755);
  await zipFolder(folder, `${folder}.zip`);
  return readFileSync(`${folder}.zip`);
}

const zipOf = async (text: string): Promise<CodeSource> => ({ type: "zip", bytes: await zipWith({ "app.py": text }) });
const create = async (name: string, text = "x = 1") =>
  registry.create({ ...home, name, code: await zipOf(text), settings });
const target = (reference: string) => ({ ...home, reference });
const refusedWith = (code: string, message?: string) =>
  expect.objectContaining({ code, ...(message ? { message } : {}) });

describe("create", () => {
  test("unpacks the zip, keeps the function over a restart and says how to run it", async () => {
    const bytes = await zipWith({ "app.py": "def handler(): pass", bootstrap: "#!/bin/sh" });
    const created = await registry.create({
      ...home,
      name: "greet",
      code: { type: "zip", bytes },
      settings: { ...settings, environment: { A: "1" }, timeoutSeconds: 900 },
    });
    expect(created).toMatchObject({ version: "$LATEST", codeBytes: bytes.length, modifiedAt: clock });
    expect(readFileSync(join(created.codeDir, "app.py"), "utf8")).toBe("def handler(): pass");

    await store.close();
    store = openSqliteStore({ path: join(dir, "store.db") });
    const found = await open(store).find(home, "greet");
    expect(found).toEqual(created);
    expect(specOf(created)).toEqual({
      arn: `arn:aws:lambda:us-east-1:${account}:function:greet`,
      name: "greet",
      region,
      account,
      version: "$LATEST",
      runtime: "python3.12",
      handler: "app.handler",
      codeDir: created.codeDir,
      environment: { A: "1" },
      timeoutSeconds: 900,
      memoryMb: 128,
      roleArn,
      revisionId: created.revisionId,
    });
  });

  test("of a name that is taken is refused, and one of two at once wins", async () => {
    const done = await Promise.allSettled([create("twin"), create("twin", "x = 2"), create("twin", "x = 3")]);
    expect(done.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const each of done) {
      if (each.status === "rejected")
        expect(each.reason).toEqual(refusedWith("ResourceConflictException", "Function already exist: twin"));
    }
    await expect(create("twin")).rejects.toEqual(refusedWith("ResourceConflictException"));
  });

  test("of equal code at the same time unpacks to one folder", async () => {
    const made = await Promise.all(["a", "b", "c"].map((name) => create(name)));
    expect(new Set(made.map((each) => each.codeDir)).size).toBe(1);
    expect(unpacked()).toHaveLength(1);
  });

  test.each([
    [
      "no zip",
      Buffer.from("def handler(): pass"),
      "Could not unzip uploaded file. Please check your file, then try to upload again.",
    ],
    ["nothing", Buffer.alloc(0), "Uploaded file must be a non-empty zip"],
    [
      "a zip without files",
      Buffer.from("PK\x05\x06".padEnd(22, "\0"), "latin1"),
      "Uploaded file must be a non-empty zip",
    ],
  ])("from %s is refused in Lambda's words and leaves nothing", async (_, bytes, message) => {
    const refused = registry.create({ ...home, name: "bad", code: { type: "zip", bytes }, settings });
    await expect(refused).rejects.toEqual(refusedWith("InvalidParameterValueException", message));
    expect(unpacked()).toEqual([]);
    expect(await registry.find(home, "bad")).toBeUndefined();
  });

  test("from a zip over 50 MB, or one that unpacks to 250 MB, is refused", async () => {
    const large: CodeSource = { type: "zip", bytes: Buffer.alloc(50 * 1024 * 1024 + 1) };
    await expect(registry.create({ ...home, name: "x", code: large, settings })).rejects.toEqual(
      refusedWith(
        "RequestEntityTooLargeException",
        "Request must be smaller than 70167211 bytes for the CreateFunction operation",
      ),
    );
    const bytes = await zipWith({ a: "a".repeat(100) });
    bytes.writeUInt32LE(262_144_001, bytes.length - 22 - 47 + 24); // the size in the only directory record
    await expect(registry.create({ ...home, name: "x", code: { type: "zip", bytes }, settings })).rejects.toEqual(
      refusedWith("InvalidParameterValueException", "Unzipped size must be smaller than 262144000 bytes"),
    );
  });

  test.each([
    [
      { timeoutSeconds: 901 },
      "'Timeout' value failed to satisfy constraint: Member must have value less than or equal to 900",
    ],
    [
      { memoryMb: 127 },
      "'MemorySize' value failed to satisfy constraint: Member must have value greater than or equal to 128",
    ],
    [{ handler: "" }, "Runtime and Handler are mandatory parameters for functions created with deployment packages."],
    [{ environment: { AWS_REGION: "x" } }, /Reserved keys used in this request: AWS_REGION$/],
    [{ environment: { BIG: "secret".repeat(700) } }, /exceeded the 4KB limit\.$/],
  ])("with %j is refused", async (wrong, message) => {
    const refused = await registry
      .create({ ...home, name: "bad", code: await zipOf("x"), settings: { ...settings, ...wrong } })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "InvalidParameterValueException", message: expect.stringMatching(message) });
    expect(String(refused)).not.toContain("secretsecret");
  });

  test("from S3 takes the object, or tells what S3 said", async () => {
    objects.set("app.zip", await zipWith({ "app.py": "from s3" }));
    const from = (name: string, key: string): CodeSource => ({ type: "s3", bucket: name, key });
    const made = await registry.create({ ...home, name: "remote", code: from("code", "app.zip"), settings });
    expect(readFileSync(join(made.codeDir, "app.py"), "utf8")).toBe("from s3");
    expect(made.codeBytes).toBe(objects.get("app.zip")?.length);
    await expect(registry.create({ ...home, name: "other", code: from("code", "none"), settings })).rejects.toEqual(
      refusedWith(
        "InvalidParameterValueException",
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
      ),
    );
    objects.set("broken.zip", Buffer.from("<html>"));
    await expect(
      registry.create({ ...home, name: "other", code: from("code", "broken.zip"), settings }),
    ).rejects.toEqual(
      refusedWith(
        "InvalidParameterValueException",
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
      ),
    );
    expect(unpacked()).toHaveLength(1);
  });
});

test("a folder is used in place, and its checksum changes with its files", async () => {
  const path = folderWith({ "app.py": "x = 1" });
  const made = await registry.create({ ...home, name: "local", code: { type: "folder", path }, settings });
  expect(made.codeDir).toBe(path);
  expect(unpacked()).toEqual([]);
  const same = await registry.updateCode(target("local"), { type: "folder", path });
  expect(same.codeSha256).toBe(made.codeSha256);
  expect(same.revisionId).not.toBe(made.revisionId);
  writeFileSync(join(path, "app.py"), "x = 12345");
  expect((await registry.updateCode(target("local"), { type: "folder", path })).codeSha256).not.toBe(made.codeSha256);
  const missing = registry.updateCode(target("local"), { type: "folder", path: join(path, "none") });
  await expect(missing).rejects.toThrow(`The code folder ${join(path, "none")} does not exist`);
});

describe("a change", () => {
  test("of code or settings bumps the revision and keeps the rest", async () => {
    const made = await create("greet");
    clock += 1000;
    const recoded = await registry.updateCode(target("greet"), await zipOf("x = 2"));
    expect(recoded).toMatchObject({ settings: made.settings, modifiedAt: clock });
    const changed = await registry.updateSettings(target("greet"), { timeoutSeconds: 10 });
    expect(changed).toMatchObject({
      codeSha256: recoded.codeSha256,
      settings: { ...made.settings, timeoutSeconds: 10 },
    });
    expect(new Set([made, recoded, changed].map((each) => each.revisionId)).size).toBe(3);
    expect(await registry.find(home, "greet")).toEqual(changed);
  });

  test("with a revision that is no longer the latest is refused and changes nothing", async () => {
    const made = await create("greet");
    const current = await registry.updateSettings(
      { ...target("greet"), revisionId: made.revisionId },
      { memoryMb: 256 },
    );
    const stale = { ...target("greet"), revisionId: made.revisionId };
    await expect(registry.updateSettings(stale, { memoryMb: 512 })).rejects.toEqual(
      refusedWith("PreconditionFailedException"),
    );
    await expect(registry.updateCode(stale, await zipOf("y"))).rejects.toEqual(
      refusedWith("PreconditionFailedException"),
    );
    expect(await registry.find(home, "greet")).toEqual(current);
  });

  test("of what is not there, or would break a limit, is refused", async () => {
    const missing = refusedWith(
      "ResourceNotFoundException",
      `Function not found: arn:aws:lambda:us-east-1:${account}:function:none`,
    );
    await expect(registry.updateSettings(target("none"), {})).rejects.toEqual(missing);
    await expect(registry.updateCode(target("none"), await zipOf("x"))).rejects.toEqual(missing);
    await expect(registry.delete(target("none"))).rejects.toEqual(missing);
    expect(unpacked()).toEqual([]);
    await create("greet");
    await expect(registry.updateSettings(target("greet"), { timeoutSeconds: 0 })).rejects.toEqual(
      refusedWith("InvalidParameterValueException"),
    );
  });
});

test("a function is found by name, partial and full ARN, and by $LATEST", async () => {
  const made = await create("greet");
  const arn = `arn:aws:lambda:us-east-1:${account}:function:greet`;
  for (const reference of [
    "greet",
    "greet:$LATEST",
    "function:greet",
    `${account}:function:greet`,
    arn,
    `${arn}:$LATEST`,
  ]) {
    expect(await registry.find(home, reference), reference).toEqual(made);
  }
  expect(await registry.find(home, "greet", "$LATEST")).toEqual(made);
  const others = [
    "Greet",
    "greet:1",
    "greet:live",
    "111111111111:function:greet",
    arn.replace("east", "west"),
    "a b",
    "",
    `${arn}:1:2`,
  ];
  for (const reference of others) expect(await registry.find(home, reference), reference).toBeUndefined();
  expect(await registry.find({ account, region: "us-west-2" }, "greet")).toBeUndefined();
});

test("lists are paged by name, a region at a time", async () => {
  for (const name of ["c", "a", "b"]) await create(name);
  await registry.create({ account, region: "eu-west-1", name: "d", code: await zipOf("x"), settings });
  const first = await registry.list(home, { limit: 2 });
  expect([first.functions.map(({ name }) => name), first.next]).toEqual([["a", "b"], "b"]);
  const second = await registry.list(home, { after: "b", limit: 2 });
  expect([second.functions.map(({ name }) => name), second.next]).toEqual([["c"], undefined]);
  expect((await registry.list(home, { limit: 3 })).next).toBeUndefined();
});

test("a published version stays as it was, and is published anew only after a change", async () => {
  await create("greet", "x = 1");
  const first = await registry.publish(target("greet"), "first");
  expect(first).toMatchObject({ version: "1", settings: { description: "first" } });
  expect(first.arn).toBe(`arn:aws:lambda:us-east-1:${account}:function:greet:1`);
  expect(await registry.publish(target("greet"), "again")).toEqual(first);
  await registry.updateCode(target("greet"), await zipOf("x = 2"));
  expect(await registry.publish(target("greet"))).toMatchObject({ version: "2" });
  expect(await registry.find(home, "greet:1")).toEqual(first);
  expect(readFileSync(join(first.codeDir, "app.py"), "utf8")).toBe("x = 1");

  const page = await registry.listVersions(target("greet"), { limit: 2 });
  expect([page.functions.map(({ version }) => version), page.next]).toEqual([["$LATEST", "1"], "1"]);
  const rest = await registry.listVersions(target("greet"), { after: "1", limit: 2 });
  expect([rest.functions.map(({ version }) => version), rest.next]).toEqual([["2"], undefined]);

  await registry.delete(target("greet"), "1");
  expect(await registry.find(home, "greet", "1")).toBeUndefined();
  await expect(registry.delete(target("greet"), "1")).rejects.toThrow(
    `Function not found: arn:aws:lambda:us-east-1:${account}:function:greet:1`,
  );
  await registry.delete(target("greet"));
  expect(await registry.find(home, "greet", "2")).toBeUndefined();
});

test("a sweep removes code that nobody uses, and what a crash left, but nothing else", async () => {
  const [kept] = [await create("kept", "a = 1"), await create("gone", "b = 1"), await create("also", "a = 1")];
  await registry.delete(target("gone"));
  await registry.delete(target("also"));
  mkdirSync(join(codeDir(), `${"0".repeat(64)}.new-1`));
  writeFileSync(join(codeDir(), "incoming-1.zip"), "half");
  writeFileSync(join(codeDir(), "notes.txt"), "not ours");
  expect(await registry.sweep()).toBe(3);
  expect(readdirSync(codeDir()).sort()).toEqual([kept.codeDir.slice(codeDir().length + 1), "notes.txt"].sort());
  expect(readFileSync(join(kept.codeDir, "app.py"), "utf8")).toBe("a = 1");
  expect(await registry.sweep()).toBe(0);
});
