/** The shape of a capture, and of the event in it. What it does not name is left out of an event: it might be a secret. */
import * as v from "valibot";

const text = v.string();
const count = v.pipe(v.number(), v.integer("must be a whole number"));

const artifact = v.object({
  name: text,
  revision: v.nullable(text),
  location: v.object({ type: text, s3Location: v.object({ bucketName: text, objectKey: text }) }),
});

/** Source: CodePipeline's job event, as `docs/compatibility.md` has it, without `artifactCredentials`. */
export const eventSchema = v.object({
  "CodePipeline.job": v.object({
    id: text,
    accountId: v.pipe(text, v.regex(/^\d{12}$/, "must be twelve digits in quotes")),
    data: v.object({
      actionConfiguration: v.object({
        configuration: v.objectWithRest({ FunctionName: text }, text),
      }),
      inputArtifacts: v.optional(v.array(artifact), []),
      outputArtifacts: v.optional(v.array(artifact), []),
      continuationToken: v.optional(text),
      encryptionKey: v.optional(v.object({ id: text, type: text })),
    }),
  }),
});

/** What replay reads of a capture; the rest is for people. */
export const captureSchema = v.object({
  penstockCapture: v.number(),
  event: eventSchema,
  artifacts: v.array(
    v.object({
      direction: v.picklist(["input", "output"]),
      name: text,
      bucket: text,
      key: text,
      versionId: v.nullable(text),
      sha256: v.nullable(text),
      base64: v.optional(text),
    }),
  ),
  job: v.nullable(v.object({ id: text, region: text })),
  function: v.nullable(
    v.object({
      name: text,
      runtime: text,
      handler: text,
      codeDir: text,
      timeoutSeconds: count,
      memoryMb: count,
      environmentNames: v.array(text),
      environment: v.optional(v.record(text, text)),
    }),
  ),
});

export type ReadEvent = v.InferOutput<typeof eventSchema>;
export type ReadCapture = v.InferOutput<typeof captureSchema>;
