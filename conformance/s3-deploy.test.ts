import type { ActionDeclaration } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import {
  BUCKET,
  createActionRole,
  createFunction,
  lambdaAction,
  layGround,
  pipeline,
  REPORTING_POLICY,
  zipOf,
  zipOfFunctions,
} from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const root = javascript(server);
const SITE = { "index.html": "<h1>hello</h1>", "css/site.css": "h1 {}", "data/no-extension": "?" };
await layGround(root, await zipOf(SITE));
await root.s3.createBucket({ Bucket: "deployed-to" });
await createFunction(root, {
  name: "writes-nothing",
  runtime: "nodejs22.x",
  handler: "succeeds.handler",
  code: await zipOfFunctions("succeeds.mjs"),
  policy: REPORTING_POLICY,
});
const { KeyMetadata: key } = await root.kms.createKey({ Description: "of what is deployed" });
const clients = [root, boto3(server)] as const;
const MINUTE_MS = 60_000;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

describe.each(clients)("An S3 deploy action by $name", ({ name: client, codePipeline, s3 }) => {
  const folderOf = (title: string) => `${title}-${client.replaceAll(" ", "-")}`;

  test("with Extract every file is put under the key, a slash and its path, with the content type of its name", async () => {
    const folder = folderOf("extracted");
    const { status } = await run(folder, { Extract: "true", ObjectKey: folder, CacheControl: "max-age=60" });
    expect(status).toBe("Succeeded");
    expect(await keysUnder(folder)).toEqual(["/css/site.css", "/data/no-extension", "/index.html"]);
    const page = await s3.getObject({ Bucket: "deployed-to", Key: `${folder}/index.html` });
    expect(page).toMatchObject({ ContentType: "text/html", CacheControl: "max-age=60" });
    expect(await page.Body?.transformToString()).toBe(SITE["index.html"]);
    const other = await s3.headObject({ Bucket: "deployed-to", Key: `${folder}/data/no-extension` });
    expect(other.ContentType).toBe("application/octet-stream");
  });

  test("a key that ends in a slash gives two of them", async () => {
    const folder = folderOf("two");
    await run(folder, { Extract: "true", ObjectKey: `${folder}/` });
    expect((await keysUnder(folder))[0]).toBe("//css/site.css");
  });

  test("without Extract the artifact is put under the key as it is, as application/octet-stream", async () => {
    const folder = folderOf("raw");
    const { status } = await run(folder, { Extract: "false", ObjectKey: `${folder}/site.zip` });
    expect(status).toBe("Succeeded");
    const object = await s3.getObject({ Bucket: "deployed-to", Key: `${folder}/site.zip` });
    expect(object.ContentType).toBe("application/octet-stream");
    const source = await s3.getObject({ Bucket: BUCKET, Key: "source.zip" });
    const [there, here] = await Promise.all([object, source].map(({ Body }) => Body?.transformToByteArray()));
    expect(there).toEqual(here);
  });

  test("files are encrypted with the key that the action names", async () => {
    const folder = folderOf("key");
    await run(folder, { Extract: "true", ObjectKey: folder, KMSEncryptionKeyARN: key?.Arn ?? "" });
    expect(await s3.headObject({ Bucket: "deployed-to", Key: `${folder}/index.html` })).toMatchObject({
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: key?.Arn,
    });
  });

  test("history and state show the place, and that the deployment succeeded", async () => {
    const folder = folderOf("shown");
    const { name } = await run(folder, { Extract: "true", ObjectKey: folder });
    const result = { externalExecutionId: `deployed-to/${folder}` };
    const { actionExecutionDetails: [latest] = [] } = await codePipeline.listActionExecutions({ pipelineName: name });
    expect(latest?.output).toMatchObject({
      outputArtifacts: [],
      executionResult: { ...result, externalExecutionSummary: "Deployment Succeeded" },
    });
    const { stageStates } = await codePipeline.getPipelineState({ name });
    expect(stageStates?.[1]?.actionStates?.[0]).toMatchObject({
      entityUrl: "https://console.aws.amazon.com/s3/buckets/deployed-to/?region=us-east-1&tab=overview",
      latestExecution: { ...result, summary: "Deployment Succeeded" },
    });
  });

  test("an output that its function never wrote fails it with ConfigurationError and S3's answer", async () => {
    const folder = folderOf("never");
    const call = lambdaAction("Call", "writes-nothing", { outputArtifacts: [{ name: "Made" }] });
    const ship = deploy({ Extract: "true", ObjectKey: folder }, { inputArtifacts: [{ name: "Made" }] });
    const { name, error } = await runStages(folder, [call, ship]);
    expect(error?.code).toBe("ConfigurationError");
    const { actionExecutionDetails: [, made] = [] } = await codePipeline.listActionExecutions({ pipelineName: name });
    const place = made?.output?.outputArtifacts?.[0]?.s3location;
    const [before = "", after = ""] = (error?.message ?? "").split(UUID).filter((part) => part.length > 6);
    expect(before).toBe(
      `The input artifact, ${BUCKET}/${place?.key}, does not exist or you do not have permissions to access it: The specified key does not exist. (Service: Amazon S3; Status Code: 404; Error Code: NoSuchKey; Request ID: `,
    );
    expect(after).toBe("");
  });

  test("an artifact that is no zip fails with JobFailed, and one that leads out of its folder with ConfigurationError", async () => {
    const folder = folderOf("bad");
    const notZip = await runWithSource(folder, Buffer.from("no zip at all"), "not");
    expect(notZip.error).toEqual({
      code: "JobFailed",
      message: 'The input artifact cannot be extracted: it is not a zip: it starts with "no zip at all"',
    });
    const evil = Buffer.from(await zipOf({ "aa/evil.txt": "x" }));
    const renamed = Buffer.from(evil.toString("latin1").replaceAll("aa/evil.txt", "../evil.txt"), "latin1");
    const escapes = await runWithSource(folder, renamed, "evil");
    expect(escapes.error?.code).toBe("ConfigurationError");
    expect(escapes.error?.message).toContain("'../evil.txt'");
  });

  test("a bucket that is not there, and values of Extract and CannedACL that are none, fail with ConfigurationError", async () => {
    const folder = folderOf("wrong");
    const table: readonly (readonly [Record<string, string>, RegExp])[] = [
      [{ BucketName: "nobody-has-this", Extract: "true" }, /^NoSuchBucket: /],
      [{ Extract: "yes" }, /^Extract is "yes"; it must be "true" or "false"\.$/],
      [{ Extract: "false" }, /^With Extract false, ObjectKey must name the object to write\.$/],
      [{ Extract: "true", CannedACL: "everybody" }, /^ValidationException|InvalidArgument|enum/],
    ];
    for (const [index, [configuration, message]] of table.entries()) {
      const { error } = await run(`${folder}-${index}`, configuration);
      expect(error?.code).toBe("ConfigurationError");
      expect(error?.message).toMatch(message);
    }
  });

  test("a role that may not write there fails with PermissionError, and S3's reason", async () => {
    const folder = folderOf("denied");
    const role = await createActionRole(
      root,
      `reads-only-${client.replaceAll(" ", "-")}`,
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: ["s3:GetObject", "kms:*"], Resource: "*" }],
      }),
    );
    const { error } = await run(folder, { Extract: "true", ObjectKey: folder }, { roleArn: role });
    expect(error?.code).toBe("PermissionError");
    expect(error?.message).toMatch(
      / is not authorized to perform: s3:PutObject on resource: .*no identity-based policy/,
    );
    expect(await keysUnder(folder)).toEqual([]);
  });

  test("a bucket's policy that denies has its say", async () => {
    const folder = folderOf("bucket-policy");
    const bucket = `closed-${client.toLowerCase().replaceAll(/\W+/g, "-")}`;
    await root.s3.createBucket({ Bucket: bucket });
    const statement = { Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource: `arn:aws:s3:::${bucket}/*` };
    await root.s3.putBucketPolicy({
      Bucket: bucket,
      Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    });
    const { error } = await run(folder, { Extract: "true", BucketName: bucket });
    expect(error?.code).toBe("PermissionError");
  });

  test("after 90 minutes it fails", async () => {
    const folder = folderOf("slow");
    const many = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`${index}.txt`, "x"]));
    await root.s3.putObject({ Bucket: BUCKET, Key: "source.zip", Body: await zipOf(many) });
    try {
      const { name, id } = await begin(folder, [deploy({ Extract: "true", ObjectKey: folder })]);
      await started("Ship", id);
      await server.advance(90 * MINUTE_MS);
      const { error } = await ended(name, id);
      expect(error).toEqual({ code: "JobFailed", message: "The action took longer than its 90 minutes." });
    } finally {
      await root.s3.putObject({ Bucket: BUCKET, Key: "source.zip", Body: await zipOf(SITE) });
    }
  });

  async function keysUnder(folder: string): Promise<string[]> {
    const { Contents = [] } = await s3.listObjectsV2({ Bucket: "deployed-to", Prefix: folder });
    return Contents.map(({ Key = "" }) => Key.slice(folder.length));
  }

  /** Runs a pipeline that deploys its source. */
  function run(name: string, configuration: Record<string, string>, more: Partial<ActionDeclaration> = {}) {
    return runStages(name, [deploy(configuration, more)]);
  }

  async function runWithSource(folder: string, source: Uint8Array, title: string) {
    await root.s3.putObject({ Bucket: BUCKET, Key: "source.zip", Body: source });
    try {
      return await run(`${folder}-${title}`, { Extract: "true", ObjectKey: folder });
    } finally {
      await root.s3.putObject({ Bucket: BUCKET, Key: "source.zip", Body: await zipOf(SITE) });
    }
  }

  async function runStages(name: string, stages: readonly ActionDeclaration[]) {
    const { id } = await begin(name, stages);
    return await ended(name, id);
  }

  async function begin(name: string, stages: readonly ActionDeclaration[]) {
    await codePipeline.createPipeline({ pipeline: pipeline(name, stages) });
    const { pipelineExecutionSummaries: [first] = [] } = await codePipeline.listPipelineExecutions({
      pipelineName: name,
    });
    return { name, id: first?.pipelineExecutionId ?? "" };
  }

  async function ended(name: string, id: string) {
    await server.settled(id);
    const { stageStates = [] } = await codePipeline.getPipelineState({ name });
    const latest = stageStates.at(-1)?.actionStates?.[0]?.latestExecution;
    return { name, status: latest?.status, error: latest?.errorDetails };
  }
});

/** Resolves when an action of an execution has started. */
async function started(action: string, executionId: string): Promise<void> {
  for (;;) {
    const changed = server.changed();
    if (server.story.some((entry) => entry.executionId === executionId && entry.action === action)) return;
    await changed;
  }
}

function deploy(configuration: Record<string, string>, more: Partial<ActionDeclaration> = {}): ActionDeclaration {
  return {
    name: "Ship",
    actionTypeId: { category: "Deploy", owner: "AWS", provider: "S3", version: "1" },
    inputArtifacts: [{ name: "SourceZip" }],
    ...more,
    configuration: { BucketName: "deployed-to", ...configuration },
  };
}
