import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { awsCredentials } from "./aws-credentials.ts";

const folder = mkdtempSync(join(tmpdir(), "penstock-aws-credentials-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An environment whose AWS CLI does what a line of shell says; version 2 is not on every machine. */
function withCli(line: string): Readonly<Record<string, string>> {
  writeFileSync(join(folder, "aws"), `#!/bin/sh\n${line}\n`);
  chmodSync(join(folder, "aws"), 0o755);
  return {
    PATH: [folder, process.env["PATH"]].join(delimiter),
    AWS_PROFILE: "work",
    AWS_ENDPOINT_URL: "http://127.0.0.1",
  };
}

const printed = (end: string) =>
  `[ -z "$AWS_ENDPOINT_URL" ] && echo '{"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"'"$AWS_PROFILE $*"'","SessionToken":"t"${end}}'`;

test("the environment's keys come first", async () => {
  const keys = { AWS_ACCESS_KEY_ID: "AKIA1", AWS_SECRET_ACCESS_KEY: "s" };
  expect(await awsCredentials({ ...withCli("exit 1"), ...keys })()).toEqual({
    accessKeyId: "AKIA1",
    secretAccessKey: "s",
  });
  expect(await awsCredentials({ ...keys, AWS_SESSION_TOKEN: "t" })()).toMatchObject({ sessionToken: "t" });
});

test("else the AWS CLI is asked for those of the profile, not by way of this server", async () => {
  expect(await awsCredentials(withCli(printed("")))()).toEqual({
    accessKeyId: "ASIA1",
    secretAccessKey: "work configure export-credentials --format process",
    sessionToken: "t",
  });
});

test("what has ended is fetched anew, what has not is kept", async () => {
  for (const [end, isKept] of [
    ["2001-01-01T00:00:00+00:00", false],
    ["2999-01-01T00:00:00+00:00", true],
  ] as const) {
    const find = awsCredentials(withCli(printed(`,"Expiration":"${end}"`)));
    const first = await find();
    withCli(printed("").replace("ASIA1", "ASIA2"));
    expect([first.accessKeyId, (await find()).accessKeyId]).toEqual(["ASIA1", isKept ? "ASIA1" : "ASIA2"]);
  }
});

test("who has none is told how to give some; the next call looks again", async () => {
  const find = awsCredentials(withCli("echo 'profile work has expired' >&2; exit 1"));
  await expect(find()).rejects.toMatchObject({
    code: "PenstockCredentialsMissing",
    message: expect.stringMatching(/Start it with AWS_ACCESS_KEY_ID and .*profile work has expired/s),
  });
  withCli(printed(""));
  expect((await find()).accessKeyId).toBe("ASIA1");
});
