import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, functionFolder, penstock } from "./testing/penstock.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN==";

/** As CloudWatch Logs has it of a function that logs its event. Source: CodePipeline user guide, example event; keys are AWS's examples. */
const EVENT = {
  "CodePipeline.job": {
    id: "11111111-abcd-1111-abcd-111111abcdef",
    accountId: "111111111111",
    data: {
      actionConfiguration: {
        configuration: {
          FunctionName: "arn:aws:lambda:eu-west-1:111111111111:function:web:live",
          UserParameters: "x {y}",
        },
      },
      inputArtifacts: [
        {
          location: { s3Location: { bucketName: "codepipeline-eu-west-1", objectKey: "web/App/1RMXDDf" }, type: "S3" },
          revision: null,
          name: "App",
        },
      ],
      outputArtifacts: [],
      artifactCredentials: {
        secretAccessKey: SECRET,
        sessionToken: TOKEN,
        accessKeyId: "AKIAIOSFODNN7EXAMPLE",
        expirationTime: 1_700_000_000_000,
      },
      continuationToken: "a continuation token if continuing job",
      encryptionKey: { id: "arn:aws:kms:eu-west-1:111111111111:key/1", type: "KMS" },
    },
  },
};

async function captureOf(text: string) {
  const file = join(folder(), "saved.log");
  writeFileSync(file, text);
  return penstock(["capture", "--event", file]);
}

const { artifactCredentials: _, ...DATA } = EVENT["CodePipeline.job"].data;
const REDACTED = { "CodePipeline.job": { ...EVENT["CodePipeline.job"], data: DATA } };

test.each<[string, string]>([
  ["by itself", JSON.stringify(EVENT)],
  ["within a record", JSON.stringify({ level: "INFO", message: { event: EVENT } })],
  ["in a line of a log", `START RequestId: 1\n2026-01-01T00:00:00Z 1 INFO got ${JSON.stringify(EVENT)} {}\nEND\n`],
  ["over many lines", `event:\n${JSON.stringify(EVENT, null, 2)}\nEND`],
])("an event %s is found, and its credentials are left out", async (_, text) => {
  const done = await captureOf(text);
  expect(done).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(done.stdout)).toMatchObject({ penstockCapture: 1, source: "event", job: null, function: null });
  expect((JSON.parse(done.stdout) as { event: object }).event).toEqual(REDACTED);
  for (const secret of [SECRET, TOKEN, "AKIAIOSFODNN7EXAMPLE"]) expect(done.stdout).not.toContain(secret);
});

test("a credential that was copied elsewhere is masked, and members that nobody knows are left out", async () => {
  const job = structuredClone(EVENT["CodePipeline.job"]);
  job.data.actionConfiguration.configuration.UserParameters = `use ${SECRET} and ${TOKEN}`;
  const done = await captureOf(JSON.stringify({ "CodePipeline.job": { ...job, apiKey: "sk-live-123456" } }));
  expect(done.stdout).toContain("use **** and ****");
  for (const secret of [SECRET, TOKEN, "sk-live-123456"]) expect(done.stdout).not.toContain(secret);
});

test.each<[string, string, string]>([
  ["that Python printed", "{'CodePipeline.job': {'id': '1'}}", "json.dumps(event)"],
  ["that is cut", JSON.stringify(EVENT).slice(0, -20), "has no event"],
  ["that is another", '{"Records": []}', "CodePipeline.job"],
  ["without its data", '{"CodePipeline.job": {"id": "1", "accountId": "111111111111"}}', '"data" is missing'],
])("an event %s is refused", async (_, text, told) => {
  const done = await captureOf(text);
  expect(done.status).toBe(2);
  expect(done.stderr).toContain(told);
});

test("a file that is not there is refused", async () => {
  expect(await penstock(["capture", "--event", "/nowhere"])).toMatchObject({ status: 2 });
});

test("a job of AWS runs with a function and an artifact of this machine", async () => {
  const code = functionFolder(`
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
export const handler = async (event, context) => {
  const { id, accountId, data } = event["CodePipeline.job"];
  const told = [accountId, process.env.AWS_REGION, data.actionConfiguration.configuration.FunctionName,
    data.actionConfiguration.configuration.UserParameters, data.continuationToken, data.encryptionKey?.id, data.inputArtifacts[0].name];
  console.log("told " + told.join(" | "));
  await new CodePipelineClient({}).send(new PutJobSuccessResultCommand({ jobId: id }));
};
`);
  const file = join(folder(), "job.json");
  writeFileSync(file, (await captureOf(JSON.stringify(EVENT))).stdout);
  const args = ["--function", join(code, "app.handler"), "--input", `App=${join(code, "input")}`];
  const done = await penstock(["replay", file, ...args]);
  expect(done).toMatchObject({ status: 0 });
  expect(done.stdout).toContain(
    "told 111111111111 | eu-west-1 | arn:aws:lambda:eu-west-1:111111111111:function:web | x {y} | " +
      "a continuation token if continuing job | alias/penstock-replay | App",
  );
  expect(done.stdout).toContain("what is run again is the code as it is now");
  expect(await penstock(["replay", file])).toMatchObject({ status: 2 });
});
