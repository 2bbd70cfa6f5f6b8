import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DataFolderError, takeDataFolder } from "./data-folder.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-data-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a data folder is made for its owner alone", () => {
  const dir = join(newFolder(), "deep", "data");
  const folder = takeDataFolder(dir);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  folder.release();
});

test("a second server is refused and told who holds the folder, until it is released", () => {
  const dir = newFolder();
  const first = takeDataFolder(dir);
  expect(() => takeDataFolder(dir)).toThrow(DataFolderError);
  expect(() => takeDataFolder(dir)).toThrow(
    `in use by another Penstock server (process ${process.pid}). Stop that server`,
  );
  first.release();
  takeDataFolder(dir).release();
});

test("a place that cannot be a folder is refused with what to do", () => {
  const file = join(newFolder(), "file");
  writeFileSync(file, "");
  chmodSync(file, 0o400);
  expect(() => takeDataFolder(join(file, "data"))).toThrow(/cannot be written .*name another folder with --data/);
});

test("a place where folders cannot be made is refused at once, and does not hang", {
  skip: !existsSync("/proc/self"),
}, () => {
  expect(() => takeDataFolder("/proc/penstock/data")).toThrow(/cannot be written .*name another folder with --data/);
});
