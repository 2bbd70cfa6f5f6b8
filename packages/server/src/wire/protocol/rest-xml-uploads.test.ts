import { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import S3V2 from "aws-sdk/clients/s3.js";
import { expect, test } from "vitest";
import { model } from "../../services/s3/model.generated.ts";
import type { Operations } from "../../services/s3/shapes.generated.ts";
import { ServiceError } from "../error.ts";
import { service } from "../service.ts";
import { client, put, readAll, startBucket } from "../testing/bucket.ts";
import { clientOptions, listen } from "../testing/listen.ts";
import { basicDate, send, sign } from "../testing/sign.ts";

test("a presigned URL works until it expires, and for what it was made for", async () => {
  const { bucket, s3 } = startBucket();
  const signedAt = Date.parse("2026-11-24T10:00:00Z");
  let now = signedAt;
  await using server = await listen({ s3 }, { clockNow: () => now });
  const old = new S3V2({
    ...clientOptions(server),
    s3ForcePathStyle: true,
    signatureVersion: "v4",
    systemClockOffset: signedAt - Date.now(),
  });
  const url = new URL(old.getSignedUrl("putObject", { Bucket: "b", Key: "a b", Expires: 60 }));
  const target = url.pathname + url.search;
  const to = (path: string, method = "PUT") =>
    send(server.port, { method, url: path, body: method === "GET" ? "" : "x" }, { host: url.host });
  expect((await to(target)).status).toBe(200);
  expect([...bucket.objects.keys()]).toEqual(["b a b"]);
  expect((await to(target.replace("a%20b", "c"))).body).toContain("<Code>SignatureDoesNotMatch</Code>");
  expect((await to(target, "GET")).body).toContain("<Code>SignatureDoesNotMatch</Code>");
  expect((await to(target.replace("Expires=60", "Expires=x"))).body).toContain(
    "<Code>AuthorizationQueryParametersError</Code>",
  );
  now = signedAt + 62_000;
  const late = await to(target);
  expect(late).toMatchObject({
    status: 403,
    body: expect.stringContaining("<Code>AccessDenied</Code><Message>Request has expired</Message>"),
  });
});

test("a refusal reaches a client that is still sending", async () => {
  const refuse = service<undefined, Operations>({
    model,
    context: undefined,
    operations: {
      PutObject: {
        name: "PutObject",
        async run() {
          throw new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404);
        },
      },
    },
  });
  await using server = await listen({ s3: refuse });
  const body = Buffer.alloc(20 * 1024 * 1024);
  await expect(client(server).send(put("k", body))).rejects.toMatchObject({ name: "NoSuchBucket" });
});

test("a body that breaks off breaks the connection, so that nobody takes it for whole", async () => {
  const breaks = async function* () {
    yield Buffer.from("half");
    throw new Error("the disk is gone");
  };
  const broken = service<undefined, Operations>({
    model,
    context: undefined,
    operations: {
      GetObject: { name: "GetObject", run: async () => ({ Body: Readable.from(breaks()), ContentLength: 8 }) },
    },
  });
  await using server = await listen({ s3: broken });
  const output = await client(server).send(new GetObjectCommand({ Bucket: "b", Key: "k" }));
  await expect(output.Body?.transformToString()).rejects.toThrow();
  expect(server.errors).toMatchObject([{ err: { message: "the disk is gone" } }]);
});

test("an upload that breaks off fails in the operation", async () => {
  const ended = Promise.withResolvers<unknown>();
  const keeps = service<undefined, Operations>({
    model,
    context: undefined,
    operations: {
      PutObject: {
        name: "PutObject",
        async run({ Body }) {
          await readAll(Body).then(ended.resolve, ended.reject);
          return {};
        },
      },
    },
  });
  await using server = await listen({ s3: keeps });
  const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "content-length": "100" };
  const signed = { service: "s3", method: "PUT", url: "/b/k", headers };
  const { connect } = await import("node:net");
  const socket = connect(server.port, "127.0.0.1", () => {
    const lines = Object.entries(sign(signed, `127.0.0.1:${server.port}`)).map(([name, value]) => `${name}: ${value}`);
    socket.write(`PUT /b/k HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\nhalf`);
    socket.end();
  });
  await expect(ended.promise).rejects.toThrow();
});

test("a client that waits to be told goes on only when its signature is good", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", expect: "100-continue", "content-length": "5" };
  const told: string[] = [];
  const exchange = async (secretAccessKey: string) => {
    const { request } = await import("node:http");
    const signed = { service: "s3", method: "PUT", url: "/b/waits", headers, secretAccessKey, date: basicDate() };
    return new Promise<number | undefined>((resolve, reject) => {
      const one = request({
        port: server.port,
        method: "PUT",
        path: "/b/waits",
        headers: sign(signed, `127.0.0.1:${server.port}`),
      });
      one.on("continue", () => {
        told.push(secretAccessKey);
        one.end("hello");
      });
      one.on("response", (response) => {
        response.resume();
        resolve(response.statusCode);
        one.destroy();
      });
      one.on("error", reject);
      one.flushHeaders();
    });
  };
  expect(await exchange("wrong")).toBe(403);
  expect(await exchange("test")).toBe(200);
  expect(told).toEqual(["test"]);
  expect(bucket.objects.get("b waits")?.body.toString()).toBe("hello");
});
