/** Names one pipeline, in all the forms that are needed. */
export interface PipelinePlace {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
}

/** `arn:aws:codepipeline:<region>:<account>:<name>`. */
export function pipelinePlace(account: string, region: string, name: string): PipelinePlace {
  return { arn: `arn:aws:codepipeline:${region}:${account}:${name}`, name, account, region };
}

/** Reads a place back from the ARN that is its key. */
export function placeOfArn(arn: string): PipelinePlace {
  const [, , , region = "", account = "", name = ""] = arn.split(":");
  return { arn, name, account, region };
}
