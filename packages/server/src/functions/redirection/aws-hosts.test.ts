import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isRedirected } from "./aws-hosts.ts";

const runtimes = fileURLToPath(new URL("../runtimes", import.meta.url));

const TABLE: readonly (readonly [host: string, port: number, isOurs: boolean])[] = [
  ["codepipeline.eu-west-1.amazonaws.com", 443, true],
  ["codepipeline.cn-north-1.amazonaws.com.cn", 443, true],
  ["CodePipeline.EU-West-1.AmazonAWS.com", 443, true],
  ["lambda.us-east-1.api.aws", 443, true],
  ["s3.amazonaws.com", 80, true],
  ["codepipeline-fips.us-east-1.amazonaws.com", 443, true],
  ["s3.dualstack.eu-west-1.amazonaws.com", 443, true],
  ["bucket.s3.amazonaws.com", 443, true],
  ["my.bucket.with.dots.s3.eu-central-1.amazonaws.com", 443, true],
  ["s3.localhost.localstack.cloud", 4566, true],
  ["localhost.localstack.cloud", 443, true],
  ["localstack", 4566, true],
  ["host.docker.internal", 4566, true],
  ["localhost", 4566, true],
  ["localhost", 8080, false],
  ["localstack", 443, false],
  ["host.docker.internal", 8080, false],
  ["my-localstack", 4566, false],
  ["database.abc.eu-west-1.rds.amazonaws.com", 5432, false],
  ["rds.eu-west-1.amazonaws.com", 443, true],
  ["shop-123.eu-west-1.elb.amazonaws.com", 443, false],
  ["ec2-1-2-3-4.compute-1.amazonaws.com", 80, false],
  ["ec2-1-2-3-4.eu-west-1.compute.amazonaws.com", 80, false],
  ["abc.execute-api.eu-west-1.amazonaws.com", 443, false],
  ["notamazonaws.com", 443, false],
  ["amazonaws.com.example.org", 443, false],
  ["example.org", 443, false],
  ["127.0.0.1", 4566, false],
  ["", 443, false],
];

const questions = JSON.stringify(TABLE.map(([host, port]) => [host, port]));

test("the server knows which hosts are meant for it", () => {
  for (const [host, port, isOurs] of TABLE)
    expect([host, port, isRedirected(host, port)]).toEqual([host, port, isOurs]);
});

test.each([
  [
    "Node",
    process.execPath,
    ["--input-type=module", "-e"],
    `import { isRedirected } from ${JSON.stringify(`${runtimes}/node/redirect.mjs`)};
     console.log(JSON.stringify(${questions}.map(([host, port]) => isRedirected(host, port))));`,
  ],
  [
    "Python",
    "python3",
    ["-B", "-c"],
    `import json, sys; sys.path.insert(0, ${JSON.stringify(`${runtimes}/python`)})
from penstock_redirect import is_redirected
print(json.dumps([is_redirected(host, port) for host, port in ${questions}]))`,
  ],
])("so does the runtime of %s", (_name, program, options, code) => {
  const answers = JSON.parse(execFileSync(program, [...options, code], { encoding: "utf8" })) as boolean[]; // one a question
  expect(TABLE.map(([host, port], index) => [host, port, answers[index]])).toEqual(TABLE);
});
