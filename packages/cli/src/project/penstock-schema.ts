/** The schema of `penstock.yaml`. `json-schema.ts` makes the published JSON Schema of it. */
import * as v from "valibot";

const described = <S extends v.GenericSchema>(schema: S, text: string) => v.pipe(schema, v.description(text));

const stringOrList = v.union([v.string(), v.array(v.string())]);
const anyObject = v.record(v.string(), v.unknown());

const statement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(["Allow", "Deny"]),
  Principal: v.optional(v.union([v.string(), anyObject])),
  NotPrincipal: v.optional(v.union([v.string(), anyObject])),
  Action: v.optional(stringOrList),
  NotAction: v.optional(stringOrList),
  Resource: v.optional(stringOrList),
  NotResource: v.optional(stringOrList),
  Condition: v.optional(anyObject),
});

const policyDocument = v.strictObject({
  Version: v.optional(v.string()),
  Id: v.optional(v.string()),
  // Chosen by what is there, so that a mistake in a statement is shown and not only "neither one nor many".
  Statement: v.lazy((input): v.GenericSchema => (Array.isArray(input) ? v.array(statement) : statement)),
});

const functionDeclaration = v.strictObject({
  runtime: v.optional(
    described(
      v.pipe(
        v.string(),
        v.regex(
          /^(nodejs\d+\.x|python3\.\d+|provided(\.\w+)?)$/,
          'must be like "nodejs22.x", "python3.12" or "provided.al2023"',
        ),
      ),
      "Lambda runtime, such as python3.12 or nodejs22.x. The nearest interpreter on this machine runs it. Without it, the handler's file decides.",
    ),
  ),
  handler: v.optional(
    described(
      v.string(),
      "Module and function, such as lambda_function.lambda_handler. Not needed for a provided runtime.",
    ),
  ),
  code: described(
    v.string(),
    "Folder or zip with the code, relative to this file. A folder is used in place: a saved change counts at once.",
  ),
  environment: v.optional(
    described(
      v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
      "Environment variables of the function.",
    ),
  ),
  timeout: v.optional(
    described(
      v.pipe(
        v.number(),
        v.integer("must be a whole number"),
        v.minValue(1, "must be at least 1"),
        v.maxValue(900, "must be at most 900"),
      ),
      "Seconds that one call may take, 1 to 900.",
    ),
  ),
  memory: v.optional(
    described(
      v.pipe(
        v.number(),
        v.integer("must be a whole number"),
        v.minValue(128, "must be at least 128"),
        v.maxValue(10_240, "must be at most 10240"),
      ),
      "Memory in MB, 128 to 10240.",
    ),
  ),
  role: v.optional(
    described(
      v.string(),
      "Name or ARN of the function's role. Without it, one is made that may report job results and nothing else.",
    ),
  ),
});

const roleDeclaration = v.strictObject({
  trust: v.optional(described(policyDocument, "Who may assume the role. Without it, the service that uses it here.")),
  policies: v.optional(described(v.record(v.string(), policyDocument), "Inline policies by name, in IAM's own form.")),
});

const bucketDeclaration = v.nullable(
  v.strictObject({
    versioning: v.optional(described(v.boolean(), "Whether the bucket keeps versions; a source bucket must.")),
    policy: v.optional(described(policyDocument, "Bucket policy, in IAM's own form.")),
  }),
);

const keyDeclaration = v.nullable(
  v.strictObject({
    policy: v.optional(
      described(policyDocument, "Key policy, in IAM's own form. Without it, the account's roles decide."),
    ),
  }),
);

const category = v.picklist(["Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"]);

const artifactDetails = v.strictObject({ minimumCount: v.number(), maximumCount: v.number() });

const urlSettings = v.strictObject({
  entityUrlTemplate: v.optional(v.string()),
  executionUrlTemplate: v.optional(v.string()),
  revisionUrlTemplate: v.optional(v.string()),
  thirdPartyConfigurationUrl: v.optional(v.string()),
});

const customActionType = v.strictObject({
  category,
  provider: v.string(),
  version: v.string(),
  settings: v.optional(urlSettings),
  configurationProperties: v.optional(
    v.array(
      v.strictObject({
        name: v.string(),
        required: v.boolean(),
        key: v.boolean(),
        secret: v.boolean(),
        queryable: v.optional(v.boolean()),
        description: v.optional(v.string()),
        type: v.optional(v.picklist(["String", "Number", "Boolean"])),
      }),
    ),
  ),
  inputArtifactDetails: artifactDetails,
  outputArtifactDetails: artifactDetails,
});

/** What `penstock.yaml` may say. Paths in it are relative to the file. */
export const penstockSchema = v.strictObject({
  pipeline: v.optional(
    described(
      v.string(),
      "File of the pipeline declaration; pipeline.json or pipeline.yaml beside this file when absent.",
    ),
  ),
  account: v.optional(
    described(
      v.pipe(v.string(), v.regex(/^\d{12}$/, "must be twelve digits in quotes")),
      "Account id; the one of the pipeline's role when absent.",
    ),
  ),
  accounts: v.optional(
    described(
      v.record(
        v.pipe(v.string(), v.regex(/^\d{12}$/, "must be twelve digits in quotes")),
        v.strictObject({
          accessKeyId: described(v.pipe(v.string(), v.minLength(1)), "Access key of the account's root."),
          secretAccessKey: described(v.pipe(v.string(), v.minLength(1)), "Its secret."),
        }),
      ),
      "Further accounts by their ids, each with keys of its root. PENSTOCK_ACCOUNTS says the same without a file.",
    ),
  ),
  region: v.optional(
    described(
      v.pipe(v.string(), v.regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'must be like "eu-central-1"')),
      "Region of the pipeline, us-east-1 when absent.",
    ),
  ),
  timing: v.optional(described(v.picklist(["fast", "aws"]), "fast acts at once; aws keeps the service's rhythm.")),
  throttling: v.optional(
    described(
      v.picklist(["off", "aws"]),
      "aws refuses requests to CodePipeline that come too fast, with ThrottlingException; off when absent.",
    ),
  ),
  strict: v.optional(
    described(v.boolean(), "Whether an action fails that reports success without having written a declared output."),
  ),
  functions: v.optional(described(v.record(v.string(), functionDeclaration), "Lambda functions by name.")),
  roles: v.optional(described(v.record(v.string(), roleDeclaration), "IAM roles by name.")),
  buckets: v.optional(
    described(v.record(v.string(), bucketDeclaration), "Buckets by name, besides those that the pipeline names."),
  ),
  keys: v.optional(
    described(
      v.record(v.string(), keyDeclaration),
      "KMS keys by their aliases, such as alias/artifacts; the pipeline's encryptionKey names them.",
    ),
  ),
  actionTypes: v.optional(
    described(
      v.array(customActionType),
      "Custom action types that the pipeline uses, each as CreateCustomActionType takes it. Workers poll for their jobs.",
    ),
  ),
  aws: v.optional(
    described(
      v.record(
        v.string(),
        v.pipe(
          v.string(),
          v.regex(/^(refuse|aws|https?:\/\/\S+)$/, 'must be "refuse", "aws" or a URL such as "http://localhost:8000"'),
        ),
      ),
      "What becomes of calls of AWS services that Penstock does not serve, by the service's name in a signature, such as dynamodb: refuse, which is the default; the URL of an endpoint that gets them; aws, which gets them with your credentials.",
    ),
  ),
  inputs: v.optional(
    described(
      v.record(v.string(), v.string()),
      "Folder or zip for a source artifact, by the name of the artifact or of its source action.",
    ),
  ),
});

export type PenstockFile = v.InferOutput<typeof penstockSchema>;
