import { CodePipeline } from "@aws-sdk/client-codepipeline";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { Lambda } from "@aws-sdk/client-lambda";
import { S3 } from "@aws-sdk/client-s3";
import { STS } from "@aws-sdk/client-sts";
import { type Caller, type Client, ROOT } from "./client.ts";
import type { Penstock } from "./server.ts";

/** The AWS SDK for JavaScript v3. */
export function javascript(server: Penstock, { region = server.region, credentials = ROOT }: Caller = {}): Client {
  const options = { endpoint: server.url, region, credentials, maxAttempts: 1 };
  const clients = {
    codePipeline: new CodePipeline(options),
    iam: new IAM(options),
    kms: new KMS(options),
    lambda: new Lambda(options),
    s3: new S3({ ...options, forcePathStyle: true }),
    sts: new STS(options),
  };
  server.own(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  return { name: "AWS SDK for JavaScript v3", ...clients };
}
