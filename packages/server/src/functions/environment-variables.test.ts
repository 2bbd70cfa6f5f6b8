import { expect, test } from "vitest";
import { environmentVariables } from "./environment-variables.ts";

const input = {
  credentials: { accessKeyId: "a", secretAccessKey: "s", sessionToken: "t", expiresAt: 0 },
  endpointUrl: "http://127.0.0.1:1",
  runtimeApi: "127.0.0.1:1",
  logStream: "stream",
  homeDir: "/home",
  runtimeDir: "/runtime",
  path: "/bin",
};
const spec = (environment: Record<string, string>) => ({
  arn: "arn:aws:lambda:us-east-1:000000000000:function:f",
  name: "f",
  region: "us-east-1",
  account: "000000000000",
  version: "$LATEST",
  runtime: "provided.al2023",
  handler: "h",
  codeDir: "/code",
  timeoutSeconds: 1,
  memoryMb: 128,
  roleArn: "arn:aws:iam::000000000000:role/r",
  revisionId: "1",
  environment,
});

test("a function's own options for Java leave the way to the proxy in force, and count where both say something", () => {
  const options = (ours: Record<string, string>, own: Record<string, string>) =>
    environmentVariables({ ...input, interpreter: ours, spec: spec(own) })["JAVA_TOOL_OPTIONS"];
  const ours = { JAVA_TOOL_OPTIONS: "-Dhttps.proxyHost=127.0.0.1" };
  const own = { JAVA_TOOL_OPTIONS: "-XX:TieredStopAtLevel=1" };
  expect([options({}, {}), options(ours, {}), options({}, own), options(ours, own)]).toEqual([
    undefined,
    "-Dhttps.proxyHost=127.0.0.1",
    "-XX:TieredStopAtLevel=1",
    "-Dhttps.proxyHost=127.0.0.1 -XX:TieredStopAtLevel=1",
  ]);
});
