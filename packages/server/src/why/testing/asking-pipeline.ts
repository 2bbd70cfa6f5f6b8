const ACTION = { owner: "AWS", version: "1" };

/** A pipeline on the ground that takes an object and then waits for an approval. */
export function askingPipeline(name: string, { key = "source.zip", approval = {} } = {}): object {
  const source = {
    name: "Fetch",
    actionTypeId: { ...ACTION, category: "Source", provider: "S3" },
    configuration: { S3Bucket: "artifacts", S3ObjectKey: key, PollForSourceChanges: "false" },
    outputArtifacts: [{ name: "SourceZip" }],
  };
  const ask = { name: "Ask", actionTypeId: { ...ACTION, category: "Approval", provider: "Manual" }, ...approval };
  const stages = [
    { name: "Source", actions: [source] },
    { name: "Ask", actions: [ask] },
  ];
  const roleArn = "arn:aws:iam::000000000000:role/pipeline";
  return { name, roleArn, artifactStore: { type: "S3", location: "artifacts" }, stages };
}
