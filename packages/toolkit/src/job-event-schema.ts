import type { CodePipelineJobEvent } from "./event.ts";
import type { SchemaIssue, StandardSchema } from "./standard-schema.ts";

/** What something must be: a kind, `null` or a kind, a list of something, or an object. A key with `?` may be absent. */
type Shape = "text" | "number" | "text or null" | readonly [Shape] | { readonly [key: string]: Shape };

const ARTIFACT: Shape = {
  name: "text",
  revision: "text or null",
  location: { type: "text", s3Location: { bucketName: "text", objectKey: "text" } },
};

const EVENT: Shape = {
  "CodePipeline.job": {
    id: "text",
    accountId: "text",
    data: {
      actionConfiguration: { configuration: { FunctionName: "text", "UserParameters?": "text" } },
      inputArtifacts: [ARTIFACT],
      outputArtifacts: [ARTIFACT],
      artifactCredentials: {
        accessKeyId: "text",
        secretAccessKey: "text",
        sessionToken: "text",
        expirationTime: "number",
      },
      "continuationToken?": "text",
      "encryptionKey?": { id: "text", type: "text" },
    },
  },
};

/**
 * The event as a schema of Standard Schema, for whoever only wants to check it. All of it is looked at; what is not known
 * is left as it is. (A handler of `defineJob` looks at less, because a job that it refuses could not be reported.)
 *
 * Errors: none; what is wrong is in `issues`, each with its path, without any value of the event.
 *
 * @example
 * ```ts
 * const result = await jobEventSchema["~standard"].validate(event);
 * if (!result.issues) console.log(result.value["CodePipeline.job"].id);
 * ```
 */
export const jobEventSchema: StandardSchema<CodePipelineJobEvent> = {
  "~standard": {
    version: 1,
    vendor: "penstock",
    validate(value) {
      const issues = [...issuesOf(value, EVENT, [])];
      return issues.length > 0 ? { issues } : { value: value as CodePipelineJobEvent }; // it was looked at just now
    },
  },
};

function* issuesOf(value: unknown, shape: Shape, path: readonly PropertyKey[]): Generator<SchemaIssue> {
  if (typeof shape === "string") {
    const isRight = shape === "number" ? typeof value === "number" : typeof value === "string";
    if (!isRight && !(shape === "text or null" && value === null)) yield issue(value, `a ${shape}`, path);
  } else if (Array.isArray(shape)) {
    if (!Array.isArray(value)) yield issue(value, "a list", path);
    else for (const [index, item] of value.entries()) yield* issuesOf(item, shape[0], [...path, index]);
  } else if (typeof value !== "object" || value === null) yield issue(value, "an object", path);
  else {
    for (const [name, member] of Object.entries(shape)) {
      const key = name.replace("?", "");
      const found = (value as Record<string, unknown>)[key]; // any object can be asked for any key
      if (found !== undefined || key === name) yield* issuesOf(found, member, [...path, key]);
    }
  }
}

const issue = (value: unknown, wanted: string, path: readonly PropertyKey[]): SchemaIssue => ({
  message: `expected ${wanted}, not ${value === undefined ? "nothing" : value === null ? "null" : typeof value}`,
  path,
});
