import type { CodePipeline } from "@aws-sdk/client-codepipeline";
import type { IAM } from "@aws-sdk/client-iam";
import type { KMS } from "@aws-sdk/client-kms";
import type { Lambda } from "@aws-sdk/client-lambda";
import type { S3 } from "@aws-sdk/client-s3";
import type { STS } from "@aws-sdk/client-sts";
import type { Penstock } from "./server.ts";

/*
 * The three official clients behind one face, that of the AWS SDK for JavaScript v3, so that one story can be
 * played through each. Requests are made by the clients themselves; only names and values are carried over:
 *
 * - operations are called by their API name in camel case, with the API's input;
 * - a refusal is thrown as a `Refusal` or, by the SDK, as its own exception: both have `name` and `message`;
 * - an object's bytes are answered as the SDK's stream with `transformToString` and `transformToByteArray`;
 * - times are what the client answers: dates, or numbers from the AWS CLI.
 */

export interface Client {
  readonly name: string;
  readonly codePipeline: CodePipeline;
  readonly iam: IAM;
  readonly kms: KMS;
  readonly lambda: Lambda;
  readonly s3: S3;
  readonly sts: STS;
}

export type ServiceName = Exclude<keyof Client, "name">;

/** Who calls, and where; root in the server's region unless given. */
export interface Caller {
  readonly region?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** For boto3: how S3's requests are signed; its own choice unless given, which is `s3` for URLs. */
  readonly signatureVersion?: "s3" | "s3v4";
}

/** The well-known root key. */
export const ROOT = { accessKeyId: "test", secretAccessKey: "test" };

/** A refusal, as boto3 and the AWS CLI tell it. */
export class Refusal extends Error {
  override readonly name: string;
  readonly $metadata: { readonly httpStatusCode: number | undefined };

  constructor(code: string, message: string, httpStatusCode: number | undefined) {
    super(message);
    this.name = code;
    this.$metadata = { httpStatusCode };
  }
}

/** How a client that is not the SDK makes one call. */
export type Send = (service: ServiceName, operation: string, input: object) => Promise<unknown>;

/** Gives a client the SDK's face. */
export function asClient(name: string, send: Send): Client {
  // Every face answers any operation that the SDK's class has, with the same input and members of output.
  const face = <T extends object>(service: ServiceName): T => faceOf(service, send) as T;
  return {
    name,
    codePipeline: face<CodePipeline>("codePipeline"),
    iam: face<IAM>("iam"),
    kms: face<KMS>("kms"),
    lambda: face<Lambda>("lambda"),
    s3: face<S3>("s3"),
    sts: face<STS>("sts"),
  };
}

function faceOf(service: ServiceName, send: Send): object {
  return new Proxy(
    {},
    {
      get:
        (_, operation) =>
        (input: object = {}) =>
          send(service, String(operation), input),
    },
  );
}

/** What a client's process finds in its environment: nothing of this one's but where programs are. */
export function cleanEnvironment(
  server: Penstock,
  { region, credentials = ROOT }: Caller = {},
): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: "/nonexistent",
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_DEFAULT_REGION: region ?? server.region,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
  };
}
