import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { StoreVersionError } from "../migrations.ts";
import { testStore } from "../store.contract.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-store-"));
  folders.push(folder);
  return join(folder, "penstock.db");
}

testStore(() => {
  const path = newPath();
  // Another connection that opens the file sees exactly what was synced: the same that a crash leaves.
  return { open: () => openSqliteStore({ path }), kill: () => {} };
});

test("data of a newer version is refused, says which versions, and is left as it was", () => {
  const path = newPath();
  const newer = new DatabaseSync(path);
  newer.exec("pragma user_version = 99");
  newer.close();
  expect(() => openSqliteStore({ path })).toThrow(StoreVersionError);
  expect(() => openSqliteStore({ path })).toThrow(/version 99.*newer Penstock/);
  const after = new DatabaseSync(path);
  expect(after.prepare("pragma user_version").get()).toEqual({ user_version: 99 });
  after.close();
});

test("opening twice brings the tables up to date once", async () => {
  const path = newPath();
  await openSqliteStore({ path }).close();
  await openSqliteStore({ path }).close();
  const database = new DatabaseSync(path);
  expect(database.prepare("pragma user_version").get()).toEqual({ user_version: 1 });
  database.close();
});
