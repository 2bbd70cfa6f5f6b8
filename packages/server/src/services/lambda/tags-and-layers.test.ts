import { chmodSync } from "node:fs";
import { join } from "node:path";
import {
  CreateFunctionCommand,
  DeleteLayerVersionCommand,
  GetFunctionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  ListTagsCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, type LambdaServer, ROLE, startLambda, writeFiles, zipOf } from "./testing/lambda-server.ts";

let lambda: LambdaServer;
beforeAll(async () => {
  lambda = await startLambda();
});
afterAll(() => lambda.stop());

test("tags belong to the function: versions show them, and none is a change of the function", async () => {
  const Resource = await lambda.create("tagged", "export const handler = async () => 1;", { Tags: { a: "1" } });
  const { Configuration: before } = await lambda.client.send(new GetFunctionCommand({ FunctionName: "tagged" }));
  await lambda.client.send(new PublishVersionCommand({ FunctionName: "tagged" }));
  const tag = await lambda.client.send(new TagResourceCommand({ Resource, Tags: { a: "2", "b/c": "x y" } }));
  expect(tag.$metadata.httpStatusCode).toBe(204);
  const tags = { a: "2", "b/c": "x y" };
  expect((await lambda.client.send(new ListTagsCommand({ Resource }))).Tags).toEqual(tags);
  expect(await lambda.client.send(new GetFunctionCommand({ FunctionName: "tagged:1" }))).toMatchObject({ Tags: tags });
  expect(await lambda.client.send(new PublishVersionCommand({ FunctionName: "tagged" }))).toMatchObject({
    Version: "1",
  });
  await lambda.client.send(new UntagResourceCommand({ Resource, TagKeys: ["b/c", "none"] }));
  const after = await lambda.client.send(new GetFunctionCommand({ FunctionName: "tagged" }));
  expect([after.Tags, after.Configuration?.RevisionId]).toEqual([{ a: "2" }, before?.RevisionId]);

  await expect(lambda.client.send(new ListTagsCommand({ Resource: `${Resource}:1` }))).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: "Tags on function aliases and versions are not supported. Please specify a function ARN.",
  });
  const none = Resource.replace("tagged", "none");
  await expect(lambda.client.send(new TagResourceCommand({ Resource: none, Tags: { a: "1" } }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, "v"]));
  await expect(lambda.client.send(new TagResourceCommand({ Resource, Tags: many }))).rejects.toMatchObject({
    name: "InvalidParameterValueException",
  });
});

const layerModule = (word: string) => ({
  "nodejs/node_modules/word/index.js": `module.exports = ${JSON.stringify(word)};`,
});
const publish = async (LayerName: string, files: Readonly<Record<string, string>>, more: object = {}) =>
  lambda.client.send(
    new PublishLayerVersionCommand({ LayerName, Content: { ZipFile: await zipOf(lambda.dir, files) }, ...more }),
  );
const asksLayer = 'exports.handler = async () => require("word");';
const useLayers = async (FunctionName: string, Layers: string[]) => {
  const Code = { ZipFile: await zipOf(lambda.dir, { "index.js": asksLayer }) };
  const named = { FunctionName, Runtime: "nodejs22.x", Handler: "index.handler", Role: ROLE } as const;
  return lambda.client.send(new CreateFunctionCommand({ ...named, Code, Layers }));
};

test("a published layer is found by its functions, the last of two wins, and a deleted one stays with them", async () => {
  const one = await publish("words", layerModule("one"), { CompatibleRuntimes: ["nodejs22.x"], Description: "d" });
  const layerArn = `arn:aws:lambda:us-east-1:${ACCOUNT}:layer:words`;
  const { $metadata: metadata, ...shown } = one;
  expect(metadata.httpStatusCode).toBe(201);
  expect(shown).toEqual({
    Content: { CodeSha256: expect.stringMatching(/=$/), CodeSize: expect.any(Number) },
    LayerArn: layerArn,
    LayerVersionArn: `${layerArn}:1`,
    Description: "d",
    CreatedDate: expect.stringMatching(/^\d{4}-.*\+0000$/),
    Version: 1,
    CompatibleRuntimes: ["nodejs22.x"],
    CompatibleArchitectures: [],
  });
  const other = await publish("other-words", layerModule("other"));
  const first = one.LayerVersionArn ?? "";
  const created = await useLayers("reader", [first]);
  expect(created.Layers).toEqual([{ Arn: first, CodeSize: one.Content?.CodeSize }]);
  expect((await lambda.call("reader")).value).toBe("one");

  const Layers = [first, other.LayerVersionArn ?? ""];
  await lambda.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "reader", Layers }));
  expect((await lambda.call("reader")).value).toBe("other");

  const version = { LayerName: "words", VersionNumber: 1 };
  expect((await lambda.client.send(new GetLayerVersionByArnCommand({ Arn: first }))).Version).toBe(1);
  await lambda.client.send(new DeleteLayerVersionCommand(version));
  await expect(lambda.client.send(new GetLayerVersionCommand(version))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  expect((await publish("words", layerModule("again"))).Version).toBe(2); // a number is never given twice
  await lambda.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "reader", Timeout: 4 }));
  expect((await lambda.call("reader")).value).toBe("other");
  await expect(useLayers("too-late", [first])).rejects.toMatchObject({
    message: `Layer version ${first} does not exist.`,
  });
});

test("layers are listed by name with their newest version, versions newest first", async () => {
  for (const name of ["a-list", "a-list", "b-list"]) await publish(name, layerModule(name));
  const page = await lambda.client.send(new ListLayersCommand({ MaxItems: 1 }));
  expect(page.Layers?.map((each) => [each.LayerName, each.LatestMatchingVersion?.Version])).toEqual([["a-list", 2]]);
  const next = await lambda.client.send(new ListLayersCommand({ MaxItems: 1, Marker: page.NextMarker }));
  expect(next.Layers?.map((each) => each.LayerName)).toEqual(["b-list"]);
  const versions = await lambda.client.send(new ListLayerVersionsCommand({ LayerName: "a-list" }));
  expect(versions.LayerVersions?.map((each) => each.Version)).toEqual([2, 1]);
});

test.each<[what: string, layers: string[], message: string]>([
  [
    "two versions of one layer",
    ["twice:1", "twice:1"],
    "Two different versions of the same layer are not allowed to be referenced in the same function.",
  ],
  ["six layers", ["a:1", "b:1", "c:1", "d:1", "e:1", "f:1"], "Cannot reference more than 5 layers."],
  ["a layer of another account", ["111122223333:layer:x:1"], "Publish its zip here with PublishLayerVersion"],
])("a function cannot have %s", async (_, layers, message) => {
  await publish("twice", layerModule("twice"));
  const arns = layers.map((layer) =>
    layer.includes("layer")
      ? `arn:aws:lambda:us-east-1:${layer}`
      : `arn:aws:lambda:us-east-1:${ACCOUNT}:layer:${layer}`,
  );
  await expect(useLayers("refused", arns)).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: expect.stringContaining(message),
  });
});

const deploy = (name: string, runtime: string, handler: string, files: Record<string, string>, layers: string[]) => {
  const codeDir = writeFiles(join(lambda.dir, name), files);
  const limits = { environment: {}, timeoutSeconds: 20, memoryMb: 256, roleArn: ROLE };
  return lambda.server.deployFunction({ name, runtime, handler, codeDir, ...limits, layers });
};

test("folders as layers: modules, programs and libraries are found, the last folder's first", async () => {
  const low = writeFiles(join(lambda.dir, "low"), {
    "python/greeting.py": "word = 'low'",
    "python/lib/python3.11/site-packages/packaged.py": "word = 'packaged'",
    "nodejs/node_modules/word/index.js": "module.exports = 'low';",
    "bin/layer-tool": "#!/bin/sh\necho low\n",
  });
  const high = writeFiles(join(lambda.dir, "high"), { "python/greeting.py": "word = 'high'" });
  const python =
    "import os, greeting, packaged\ndef handler(event, context):\n  return [greeting.word, packaged.word, os.environ['LD_LIBRARY_PATH'], os.environ['PATH']]\n";
  await deploy("in-python", "python3.11", "app.handler", { "app.py": python }, [low, high]);
  const [greeting, packaged, libraries, path] = (await lambda.call("in-python")).value as string[];
  expect([greeting, packaged, libraries]).toEqual(["high", "packaged", `${high}/lib:${low}/lib`]);
  expect(path).toContain(`:${high}/bin:${low}/bin:`);
  await deploy("in-node", "nodejs22.x", "index.handler", { "index.js": asksLayer }, [low]);
  expect((await lambda.call("in-node")).value).toBe("low");
  await deploy("in-node", "nodejs22.x", "index.handler", { "index.js": asksLayer }, []);
  expect(await lambda.call("in-node")).toMatchObject({ error: "Unhandled" });
});

test("a runtime of its own may come from a layer", async () => {
  const layer = writeFiles(join(lambda.dir, "runtime-layer"), {
    bootstrap: `#!/bin/sh
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  curl -sS -D "$HOME/head" -o /dev/null "$API/invocation/next"
  id=$(grep -i '^lambda-runtime-aws-request-id' "$HOME/head" | tr -d '\\r' | cut -d' ' -f2)
  curl -sS -o /dev/null -d '"from a layer"' "$API/invocation/$id/response"
done
`,
  });
  chmodSync(join(layer, "bootstrap"), 0o755);
  await deploy("in-layer", "provided.al2023", "any", { "readme.txt": "no bootstrap" }, [layer]);
  expect((await lambda.call("in-layer")).value).toBe("from a layer");
  await deploy("in-none", "provided.al2023", "any", { "readme.txt": "no bootstrap" }, []);
  expect((await lambda.call("in-none")).value).toMatchObject({ errorType: "Runtime.InvalidEntrypoint" });
});

test("what a client gives along is an object with attributes in Python", async () => {
  const app =
    "def handler(event, context):\n  c = context.client_context\n  return c and [c.custom, c.env, c.client.app_title]\n";
  await deploy("context-in-python", "python3.11", "app.handler", { "app.py": app }, []);
  const given = { custom: { word: "é" }, env: { make: "x" }, client: { app_title: "t" } };
  const ClientContext = Buffer.from(JSON.stringify(given)).toString("base64");
  expect((await lambda.call("context-in-python", { ClientContext })).value).toEqual([
    { word: "é" },
    { make: "x" },
    "t",
  ]);
  expect((await lambda.call("context-in-python")).value).toBeNull();
});
