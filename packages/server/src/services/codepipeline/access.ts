import type { Access, Call } from "../../wire/operation.ts";

/** The right to an operation on one pipeline. Source: reference §4.1. */
export function onPipeline(action: string, pipeline: string, call: Call): readonly Access[] {
  const resource = `arn:aws:codepipeline:${call.region}:${call.principal.account}:${pipeline}`;
  return [{ action: `codepipeline:${action}`, resource }];
}

/** The right to an operation on one stage. Source: reference §4.1. */
export function onStage(action: string, pipeline: string, stage: string, call: Call): readonly Access[] {
  return onPipeline(action, `${pipeline}/${stage}`, call);
}

/** The right to an operation that has no resource type, so that a policy must say `*`. Source: reference §4.1. */
export function onAnything(action: string): readonly Access[] {
  return [{ action: `codepipeline:${action}`, resource: "*" }];
}
