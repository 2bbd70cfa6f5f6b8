/**
 * The shape of a pipeline declaration: names and kinds of its members, so that a mistyped key is found
 * before anything runs. What the values must be like is the service's matter, in the service's words.
 *
 * Source: service model 2015-07-09, `PipelineDeclaration`; a type below holds it equal to the official client's.
 */
import * as v from "valibot";

const text = v.string();
const integer = v.pipe(v.number(), v.integer("must be a whole number"));
const textMap = v.record(text, text);
const names = v.array(v.strictObject({ name: text }));

const rule = v.strictObject({
  name: text,
  ruleTypeId: v.strictObject({
    category: text,
    owner: v.optional(text),
    provider: text,
    version: v.optional(text),
  }),
  configuration: v.optional(textMap),
  commands: v.optional(v.array(text)),
  inputArtifacts: v.optional(names),
  roleArn: v.optional(text),
  region: v.optional(text),
  timeoutInMinutes: v.optional(integer),
});

const conditions = v.array(v.strictObject({ result: v.optional(text), rules: v.optional(v.array(rule)) }));

const action = v.strictObject({
  name: text,
  actionTypeId: v.strictObject({ category: text, owner: text, provider: text, version: text }),
  runOrder: v.optional(integer),
  configuration: v.optional(textMap),
  commands: v.optional(v.array(text)),
  outputArtifacts: v.optional(v.array(v.strictObject({ name: text, files: v.optional(v.array(text)) }))),
  inputArtifacts: v.optional(names),
  outputVariables: v.optional(v.array(text)),
  roleArn: v.optional(text),
  region: v.optional(text),
  namespace: v.optional(text),
  timeoutInMinutes: v.optional(integer),
  environmentVariables: v.optional(v.array(v.strictObject({ name: text, value: text, type: v.optional(text) }))),
});

const stage = v.strictObject({
  name: text,
  blockers: v.optional(v.array(v.strictObject({ name: text, type: text }))),
  actions: v.array(action),
  onFailure: v.optional(
    v.strictObject({
      result: v.optional(text),
      retryConfiguration: v.optional(v.strictObject({ retryMode: v.optional(text) })),
      conditions: v.optional(conditions),
    }),
  ),
  onSuccess: v.optional(v.strictObject({ conditions })),
  beforeEntry: v.optional(v.strictObject({ conditions })),
});

const filter = v.optional(v.strictObject({ includes: v.optional(v.array(text)), excludes: v.optional(v.array(text)) }));

const trigger = v.strictObject({
  providerType: text,
  gitConfiguration: v.strictObject({
    sourceActionName: text,
    push: v.optional(v.array(v.strictObject({ tags: filter, branches: filter, filePaths: filter }))),
    pullRequest: v.optional(
      v.array(v.strictObject({ events: v.optional(v.array(text)), branches: filter, filePaths: filter })),
    ),
  }),
});

const artifactStore = v.strictObject({
  type: text,
  location: text,
  encryptionKey: v.optional(v.strictObject({ id: text, type: text })),
});

/** The declaration itself, as in `pipeline` of `create-pipeline --cli-input-json`. */
export const pipelineSchema = v.strictObject({
  name: text,
  roleArn: text,
  artifactStore: v.optional(artifactStore),
  artifactStores: v.optional(v.record(text, artifactStore)),
  stages: v.array(stage),
  version: v.optional(integer),
  executionMode: v.optional(text),
  pipelineType: v.optional(text),
  variables: v.optional(
    v.array(v.strictObject({ name: text, defaultValue: v.optional(text), description: v.optional(text) })),
  ),
  triggers: v.optional(v.array(trigger)),
});

/** The declaration in its envelope: input of create-pipeline and update-pipeline, or output of get-pipeline. */
export const envelopeSchema = v.strictObject({
  pipeline: pipelineSchema,
  tags: v.optional(v.array(v.strictObject({ key: text, value: text }))),
  metadata: v.optional(v.record(text, v.unknown())),
});
