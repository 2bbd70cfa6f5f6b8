import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./client.ts";
import { allow, BUCKET, createFunction, lambdaAction, layGround, pipeline, REPORTING_POLICY, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { FUNCTIONS, SCRATCH, withoutCurl, zipped } from "./matrix-programs.ts";
import { startPenstock, WORKSPACE } from "./server.ts";

/* Hosts as they stand in code, of other regions and in every form of S3's, once for each way in which functions are redirected. */

const server = await startPenstock();
const client = javascript(server);
const HERE = "us-east-1";
const THERE = "eu-west-1";
const BUCKET_THERE = "of-another-region";

beforeAll(async () => {
  await layGround(client, await zipOf({ "readme.txt": "a source\n" }));
  await client.s3.putObject({ Bucket: BUCKET, Key: "a-key", Body: "from here" });
  const there = new S3({ endpoint: server.url, region: THERE, credentials: ROOT, forcePathStyle: true });
  await there.createBucket({ Bucket: BUCKET_THERE });
  await there.putObject({ Bucket: BUCKET_THERE, Key: "a-key", Body: "from there" });
  there.destroy();
  const code = await zipOf({ "index.mjs": "" });
  await createFunction(client, {
    name: "none",
    runtime: "nodejs22.x",
    handler: "index.none",
    code,
    policy: REPORTING_POLICY,
  });
  await client.codePipeline.createPipeline({ pipeline: pipeline("of-here", [lambdaAction("None", "none")]) });
});
afterAll(async () => {
  await server.stop();
  rmSync(SCRATCH, { recursive: true, force: true });
});

const s3 = (url: string, region: string, answer: string) => ({ url, region, service: "s3", answer });
const listPipelines = (url: string, region: string, answer: RegExp) => {
  const target = "CodePipeline_20150709.ListPipelines";
  return { url, region, service: "codepipeline", target, answer };
};
const OF_HERE = /^200 \{"pipelines":\[\{.*"name":"of-here"/;

const CALLS = [
  listPipelines(`https://codepipeline.${HERE}.amazonaws.com/`, HERE, OF_HERE),
  listPipelines(`https://codepipeline.${THERE}.amazonaws.com/`, THERE, /^200 \{"pipelines":\[\]/),
  listPipelines(`https://codepipeline-fips.${HERE}.amazonaws.com/`, HERE, OF_HERE),
  listPipelines(`https://codepipeline.${HERE}.api.aws/`, HERE, OF_HERE),
  s3(`https://s3.amazonaws.com/${BUCKET}/a-key`, HERE, "200 from here"),
  s3(`https://s3.${HERE}.amazonaws.com/${BUCKET}/a-key`, HERE, "200 from here"),
  s3(`https://s3.${THERE}.amazonaws.com/${BUCKET_THERE}/a-key`, THERE, "200 from there"),
  s3(`https://s3-${THERE}.amazonaws.com/${BUCKET_THERE}/a-key`, THERE, "200 from there"),
  s3(`https://${BUCKET}.s3.amazonaws.com/a-key`, HERE, "200 from here"),
  s3(`https://${BUCKET_THERE}.s3.${THERE}.amazonaws.com/a-key`, THERE, "200 from there"),
  s3(`https://s3.dualstack.${THERE}.amazonaws.com/${BUCKET_THERE}/a-key`, THERE, "200 from there"),
  s3(`https://${BUCKET}.s3.dualstack.${HERE}.amazonaws.com/a-key`, HERE, "200 from here"),
  s3(`https://s3-fips.${HERE}.amazonaws.com/${BUCKET}/a-key`, HERE, "200 from here"),
  s3(`https://${BUCKET}.s3-fips.dualstack.${HERE}.amazonaws.com/a-key`, HERE, "200 from here"),
  s3(`http://${BUCKET}.s3.amazonaws.com/a-key`, HERE, "200 from here"),
  s3(`http://localstack:4566/${BUCKET}/a-key`, HERE, "200 from here"),
  s3(`http://host.docker.internal:4566/${BUCKET}/a-key`, HERE, "200 from here"),
  s3(`http://s3.localhost.localstack.cloud:4566/${BUCKET}/a-key`, HERE, "200 from here"),
  s3(`https://${BUCKET}.s3.localhost.localstack.cloud:4566/a-key`, HERE, "200 from here"),
  listPipelines("http://localstack:4566/", HERE, OF_HERE),
];
/** Through a proxy nobody asks for what is on his own machine. */
const LOCALHOST = [s3(`http://localhost:4566/${BUCKET}/a-key`, HERE, "200 from here")];

const read = (name: string) => readFileSync(join(WORKSPACE, "conformance/functions/named-hosts", name));
const KINDS = [
  {
    kind: "the preload of Node",
    calls: [...CALLS, ...LOCALHOST],
    runtime: "nodejs22.x",
    code: () => zipOf({ "signed.mjs": read("signed.mjs") }),
  },
  {
    kind: "the preload of Python",
    calls: [...CALLS, ...LOCALHOST],
    runtime: "python3.12",
    code: () =>
      zipOf({ "signed.py": read("signed.py"), "with_urllib.py": readFileSync(join(FUNCTIONS, "with_urllib.py")) }),
  },
  {
    kind: "the proxy",
    calls: CALLS,
    runtime: "provided.al2023",
    code: () => zipped({ bootstrap: read("bootstrap") }),
    missing: withoutCurl(),
  },
] as const;

for (const { kind, calls, runtime, code, ...more } of KINDS) {
  const missing = "missing" in more ? more.missing : undefined;
  // A machine without such a curl has no such function.
  describe.skipIf(missing !== undefined)(`by ${kind}${missing ? `: ${missing}` : ""}`, () => {
    const name = runtime.replace(/\W/g, "-");
    beforeAll(async () => {
      const policy = allow(["s3:GetObject", "codepipeline:ListPipelines"]);
      await createFunction(client, { name, runtime, handler: "signed.handler", code: await code(), policy });
    });

    test.each(calls)("$service at $url", async ({ answer, ...event }) => {
      const Payload = JSON.stringify(event);
      const { Payload: payload } = await client.lambda.invoke({ FunctionName: name, Payload });
      const text = String(JSON.parse(payload?.transformToString() ?? ""));
      if (typeof answer === "string") expect(text).toBe(answer);
      else expect(text).toMatch(answer);
    });
  });
}
