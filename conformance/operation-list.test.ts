import type { Readable } from "node:stream";
import * as codePipelineClient from "@aws-sdk/client-codepipeline";
import * as iamClient from "@aws-sdk/client-iam";
import * as kmsClient from "@aws-sdk/client-kms";
import * as lambdaClient from "@aws-sdk/client-lambda";
import * as s3Client from "@aws-sdk/client-s3";
import * as stsClient from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { operations as codePipeline } from "../packages/server/src/services/codepipeline/operations.ts";
import type { Operations as CodePipelineShapes } from "../packages/server/src/services/codepipeline/shapes.generated.ts";
import { operations as iam } from "../packages/server/src/services/iam/operations.ts";
import type { Operations as IamShapes } from "../packages/server/src/services/iam/shapes.generated.ts";
import { operations as kms } from "../packages/server/src/services/kms/operations.ts";
import type { Operations as KmsShapes } from "../packages/server/src/services/kms/shapes.generated.ts";
import { operations as lambda } from "../packages/server/src/services/lambda/operations.ts";
import type { Operations as LambdaShapes } from "../packages/server/src/services/lambda/shapes.generated.ts";
import { operations as s3 } from "../packages/server/src/services/s3/operations.ts";
import type { Operations as S3Shapes } from "../packages/server/src/services/s3/shapes.generated.ts";
import { operations as sts } from "../packages/server/src/services/sts/operations.ts";
import type { Operations as StsShapes } from "../packages/server/src/services/sts/shapes.generated.ts";

/*
 * What our operations are called and take is what the official clients call and send. Names are held by the test
 * below; inputs by the compiler, which refuses this file when a type differs.
 */

test.each([
  ["CodePipeline", codePipeline, codePipelineClient],
  ["Lambda", lambda, lambdaClient],
  ["S3", s3, s3Client],
  ["STS", sts, stsClient],
  ["IAM", iam, iamClient],
  ["KMS", kms, kmsClient],
])("every operation of %s that is served is a command of the official client", (_, served, client) => {
  const names = Object.keys(served);
  expect(names).not.toEqual([]);
  expect(names.filter((name) => !(`${name}Command` in client))).toEqual([]);
});

test.each([
  ["CodePipeline", codePipeline],
  ["Lambda", lambda],
  ["S3", s3],
  ["STS", sts],
  ["IAM", iam],
  ["KMS", kms],
])("every operation of %s stands in its table under its own name", (_, served) => {
  for (const [key, operation] of Object.entries(served)) expect(operation).toHaveProperty("name", key);
});

/** Without what only one side's types say: readonly, undefined beside what may be absent, and in which form bytes come. */
type Plain<T> = [Extract<T, Uint8Array | Readable>] extends [never] ? PlainValue<T> : "bytes";

type PlainValue<T> = T extends string | number | boolean | Date
  ? T
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : [keyof T] extends [never]
      ? Record<string, never>
      : { -readonly [Name in keyof T]: Plain<Exclude<T[Name], undefined>> };

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The input of an official command. */
type InputOf<Client, Name extends string> = `${Name}Command` extends keyof Client
  ? Client[`${Name}Command`] extends abstract new (
      ...args: never
    ) => { readonly input: infer Input }
    ? Input
    : never
  : never;

/** The operations whose input differs from the official client's. */
type Differing<Shapes extends { readonly [Name in keyof Shapes]: { readonly input: object } }, Client> = {
  [Name in keyof Shapes & string]: Equal<Plain<Shapes[Name]["input"]>, Plain<InputOf<Client, Name>>> extends true
    ? never
    : Name;
}[keyof Shapes & string];

/**
 * Where our types differ on purpose: the server keeps `Expires` as the text that came, takes a part's number for a
 * number, and always has a body, be it empty.
 */
type S3ClientsOwn =
  | "CopyObject"
  | "CreateMultipartUpload"
  | "GetObjectAttributes"
  | "ListParts"
  | "PutObject"
  | "UploadPart";

/** Compiles only for nothing: were inputs to differ, the compiler would name their operations here. */
function none<_ extends never>(): void {}

test("every input in a model has the type of the official client's", () => {
  none<Differing<CodePipelineShapes, typeof codePipelineClient>>();
  none<Differing<LambdaShapes, typeof lambdaClient>>();
  none<Differing<StsShapes, typeof stsClient>>();
  none<Differing<IamShapes, typeof iamClient>>();
  none<Differing<KmsShapes, typeof kmsClient>>();
  none<Exclude<Differing<S3Shapes, typeof s3Client>, S3ClientsOwn>>();
});
