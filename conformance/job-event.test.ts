import { afterAll, describe, expect, test } from "vitest";
import { allow, BUCKET, createActionRole, lambdaAction, PIPELINE_ROLE, pipeline } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { openJobBench } from "./job-bench.ts";
import type { ReceivedArtifact, ReceivedJob } from "./mailbox.ts";

/*
 * The event that a function receives, member by member: what is there, what is absent, what is null. Pipelines are
 * created through each client; the event comes as the function got it.
 */

const bench = await openJobBench();
afterAll(bench.server.stop);
const { server, nextJob, nextEvent } = bench;
const root = bench.clients[0];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const names = (artifacts: readonly ReceivedArtifact[]) => artifacts.map(({ name }) => name);
const named = (...list: readonly string[]) => list.map((name) => ({ name }));

describe.each(bench.clients)("The event by $name", ({ name: client, codePipeline }) => {
  const create = async (title: string, ...stages: Parameters<typeof pipeline>[1]) => {
    await codePipeline.createPipeline({ pipeline: pipeline(nameOf(client, title), stages) });
  };
  const bare = async (title: string): Promise<ReceivedJob> => {
    await create(title, lambdaAction("Call", "pass-on"));
    return await nextJob();
  };

  test("has one key, CodePipeline.job, and the job has id, accountId and data", async () => {
    await create("keys", lambdaAction("Call", "pass-on"));
    const event = await nextEvent();
    expect(Object.keys(event)).toEqual(["CodePipeline.job"]);
    const [job] = Object.values(event) as ReceivedJob[]; // its one member is the job
    expect(Object.keys(job ?? {}).sort()).toEqual(["accountId", "data", "id"]);
    expect(job?.id).toMatch(UUID);
    expect(job?.accountId).toBe(server.account);
  });

  test("of an action with nothing but a function has four members of data, and no null in them", async () => {
    const { data } = await bare("bare");
    expect(Object.keys(data).sort()).toEqual([
      "actionConfiguration",
      "artifactCredentials",
      "inputArtifacts",
      "outputArtifacts",
    ]);
    expect(JSON.stringify(data)).not.toContain("null");
  });

  test("has no UserParameters when the action declares none", async () => {
    const { data } = await bare("no-parameters");
    expect(data.actionConfiguration).toEqual({ configuration: { FunctionName: "pass-on" } });
  });

  test("has empty lists for an action without artifacts", async () => {
    const { data } = await bare("no-artifacts");
    expect(data).toMatchObject({ inputArtifacts: [], outputArtifacts: [] });
  });

  test("has no continuationToken in the first job, not even null", async () => {
    expect((await bare("no-token")).data).not.toHaveProperty("continuationToken");
  });

  test("has no encryptionKey when the artifact store declares none", async () => {
    expect((await bare("no-key")).data).not.toHaveProperty("encryptionKey");
  });

  test("never has the action's type or the pipeline's context, which GetJobDetails has", async () => {
    const job = await bare("no-context");
    expect(JSON.stringify(job)).not.toMatch(/actionTypeId|pipelineContext|pipelineName|actionExecutionId/);
    const { jobDetails } = await codePipeline.getJobDetails({ jobId: job.id });
    expect(jobDetails?.data).toMatchObject({ actionTypeId: {}, pipelineContext: {} });
  });

  test("has five artifacts each way in the order of the declaration", async () => {
    const outputs = ["One", "Two", "Three", "Four", "Five"];
    const make = lambdaAction("Make", "pass-on", { outputArtifacts: named("A", "B", "C", "D") });
    const use = lambdaAction("Use", "pass-on", {
      inputArtifacts: named("D", "SourceZip", "A", "C", "B"),
      outputArtifacts: named(...outputs),
    });
    await create("five", make, use);
    const made = await nextJob();
    await codePipeline.putJobSuccessResult({ jobId: made.id });
    const { data } = await nextJob();
    expect(names(data.inputArtifacts)).toEqual(["D", "SourceZip", "A", "C", "B"]);
    expect(names(data.outputArtifacts)).toEqual(outputs);
    const madeD = made.data.outputArtifacts.find(({ name }) => name === "D");
    expect(data.inputArtifacts[0]?.location).toEqual(madeD?.location);
  });

  test("tells of an artifact its name, its revision and where in S3 it is", async () => {
    const artifacts = { inputArtifacts: named("SourceZip"), outputArtifacts: named("Produced") };
    await create("places", lambdaAction("Call", "pass-on", artifacts));
    const { data } = await nextJob();
    const place = { type: "S3", s3Location: { bucketName: BUCKET, objectKey: expect.any(String) } };
    const { VersionId: version } = await root.s3.headObject({ Bucket: BUCKET, Key: "source.zip" });
    expect(data.inputArtifacts).toEqual([{ name: "SourceZip", revision: version, location: place }]);
    expect(data.outputArtifacts).toEqual([{ name: "Produced", revision: null, location: place }]);
  });

  test("has the source's version as the revision of an input", async () => {
    await create("revision", lambdaAction("Call", "pass-on", { inputArtifacts: named("SourceZip") }));
    const { VersionId: version } = await root.s3.headObject({ Bucket: BUCKET, Key: "source.zip" });
    expect((await nextJob()).data.inputArtifacts.map(({ revision }) => revision)).toEqual([version]);
  });

  test("has an explicit null as the revision of an output", async () => {
    await create("null", lambdaAction("Call", "pass-on", { outputArtifacts: named("A", "B") }));
    expect((await nextJob()).data.outputArtifacts.map(({ revision }) => revision)).toEqual([null, null]);
  });

  test("has null for the revision of an input that a function made", async () => {
    const make = lambdaAction("Make", "pass-on", { outputArtifacts: named("Made") });
    await create("made", make, lambdaAction("Use", "pass-on", { inputArtifacts: named("Made") }));
    await codePipeline.putJobSuccessResult({ jobId: (await nextJob()).id });
    expect((await nextJob()).data.inputArtifacts).toMatchObject([{ name: "Made", revision: null }]);
  });

  test.each([
    ["quotes, line ends and letters of all kinds", '{"a": "b\\n"}\n\t“é” 🚀 <&>'],
    ["1,000 characters", "x".repeat(1000)],
    ["text that only looks like a reference", "#{not a reference} $VAR %s {{x}}"],
  ])("has UserParameters as declared: %s", async (title, UserParameters) => {
    await create(`as-declared-${title.length}`, lambdaAction("Call", "pass-on", { configuration: { UserParameters } }));
    const { data } = await nextJob();
    expect(data.actionConfiguration.configuration["UserParameters"]).toBe(UserParameters);
  });

  test("has variables in their place, several in one value, and a value's own braces are left alone", async () => {
    const make = lambdaAction("Make", "pass-on", { namespace: "Made" });
    const configuration = { UserParameters: "#{Made.A}-#{Made.B}#{Made.A}" };
    await create("variables", make, lambdaAction("Use", "pass-on", { configuration }));
    const outputVariables = { A: "#{Made.B}", B: "é" };
    await codePipeline.putJobSuccessResult({ jobId: (await nextJob()).id, outputVariables });
    const { data } = await nextJob();
    expect(data.actionConfiguration.configuration["UserParameters"]).toBe("#{Made.B}-é#{Made.B}");
  });

  test("has credentials whose expirationTime is a whole second in milliseconds, 900 seconds after the session's name", async () => {
    const { artifactCredentials } = (await bare("expires")).data;
    expect(Object.keys(artifactCredentials).sort()).toEqual([
      "accessKeyId",
      "expirationTime",
      "secretAccessKey",
      "sessionToken",
    ]);
    const { expirationTime } = artifactCredentials;
    expect(Number.isInteger(expirationTime) && expirationTime % 1000 === 0).toBe(true);
    const issuedAt = Number((await sessionOf(artifactCredentials)).at(-1));
    expect(expirationTime).toBe(Math.floor(issuedAt / 1000) * 1000 + 900_000);
  });

  test("has credentials of the pipeline's role", async () => {
    const [type, role] = await sessionOf((await bare("pipeline-role")).data.artifactCredentials);
    expect([type, role]).toEqual([`arn:aws:sts::${server.account}:assumed-role`, "pipeline"]);
  });

  test("has credentials of a session that is named by epoch milliseconds", async () => {
    const session = (await sessionOf((await bare("session")).data.artifactCredentials)).at(-1);
    expect(session).toMatch(/^1\d{12}$/);
    expect(Math.abs(Number(session) - Date.now())).toBeLessThan(3_600_000);
  });

  test("has credentials of the action's role where the action declares one", async () => {
    const role = nameOf(client, "of-the-action");
    const policy = allow(["s3:*", "lambda:InvokeFunction"]);
    const roleArn = await createActionRole(root, role, policy);
    await create("role", lambdaAction("Call", "pass-on", { roleArn }));
    expect((await sessionOf((await nextJob()).data.artifactCredentials))[1]).toBe(role);
    expect(roleArn).not.toBe(PIPELINE_ROLE);
  });

  test("comes again, byte for byte, when the function raises: twice more", async () => {
    await create("again", lambdaAction("Call", "pass-on", { configuration: { UserParameters: "raise: again" } }));
    const texts = [await nextEvent(), await nextEvent(), await nextEvent()].map((event) => JSON.stringify(event));
    expect(new Set(texts).size).toBe(1);
  });
});

/** The parts of the ARN that credentials are known by: type and account, role, session. */
async function sessionOf(credentials: ReceivedJob["data"]["artifactCredentials"]): Promise<readonly string[]> {
  const { Arn: arn = "" } = await javascript(server, { credentials }).sts.getCallerIdentity({});
  return arn.split("/");
}

const nameOf = (client: string, title: string) => `${client.replaceAll(" ", "-")}-${title}`;
