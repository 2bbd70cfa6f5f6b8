import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STS } from "@aws-sdk/client-sts";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "./main.ts";
import { type Server, type ServerOptions, StartError } from "./server.ts";

/* Whose keys a server takes. */

async function start(options: Partial<ServerOptions>): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), "penstock-accounts-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const server = await startServer({ dataDir, isThrowAway: true, ...options });
  onTestFinished(() => server.stop());
  return server;
}

/** The account that a key is of, or the name of the refusal. */
async function accountOf({ url }: Server, accessKeyId: string, secretAccessKey: string): Promise<string> {
  const options = { endpoint: url, region: "us-east-1", maxAttempts: 1 };
  const sts = new STS({ ...options, credentials: { accessKeyId, secretAccessKey } });
  try {
    return (await sts.getCallerIdentity({})).Account ?? "";
  } catch (error) {
    return (error as Error).name; // the SDK throws errors alone
  } finally {
    sts.destroy();
  }
}

const OTHER = "222222222222";

test("on loopback test is the server's own account, a number any, and a declared key its own", async () => {
  const server = await start({
    account: "123456789012",
    accounts: { [OTHER]: { accessKeyId: "AKIAOTHER", secretAccessKey: "s" } },
  });
  expect(await accountOf(server, "test", "test")).toBe("123456789012");
  expect(await accountOf(server, "000000000000", "test")).toBe("000000000000");
  expect(await accountOf(server, OTHER, "test")).toBe(OTHER);
  expect(await accountOf(server, "AKIAOTHER", "s")).toBe(OTHER);
  expect(await accountOf(server, "AKIAOTHER", "test")).toBe("SignatureDoesNotMatch");
  expect(await accountOf(server, "AKIAELSE", "s")).toBe("InvalidClientTokenId");
});

test("with keys of its own a server takes neither test nor numbers, but those that are declared", async () => {
  const server = await start({
    rootKeys: { accessKeyId: "AKIAOWN", secretAccessKey: "own" },
    accounts: { [OTHER]: { accessKeyId: "AKIAOTHER", secretAccessKey: "s" } },
  });
  expect(await accountOf(server, "AKIAOWN", "own")).toBe("000000000000");
  expect(await accountOf(server, "AKIAOTHER", "s")).toBe(OTHER);
  expect(await accountOf(server, "test", "test")).toBe("InvalidClientTokenId");
  expect(await accountOf(server, OTHER, "test")).toBe("InvalidClientTokenId");
});

test("accounts that cannot be told apart are refused at the start, without their secrets", async () => {
  const key = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: "hunter2" });
  const table: readonly (readonly [Partial<ServerOptions>, RegExp])[] = [
    [{ accounts: { "000000000000": key("AKIA1") } }, /Account 000000000000 is the server's own/],
    [{ accounts: { [OTHER]: key("test") } }, /Accounts 000000000000 and 222222222222 have the same access key/],
    [{ accounts: { [OTHER]: key("333333333333") } }, /looks like an account's number/],
    [{ accounts: { [OTHER]: key("ASIAAAAAAAAAAAAAAAAA") } }, /looks like an account's number or like a session's/],
    [{ accounts: { "2222": key("AKIA1") } }, /2222 is no account/],
  ];
  for (const [options, words] of table) {
    const refused = await start(options).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartError);
    expect(String(refused)).toMatch(words);
    expect(String(refused)).not.toContain("hunter2");
  }
});
