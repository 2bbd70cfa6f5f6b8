// Version 3 of the AWS SDK for JavaScript: the one at hand, or one under another name that the environment tells.
const edition = process.env.MATRIX_SDK ?? "";
const { CodePipeline } = await import(`@aws-sdk/client-codepipeline${edition}`);
const { S3 } = await import(`@aws-sdk/client-s3${edition}`);

const at = (service) => {
  const endpoint = process.env[`MATRIX_${service}`];
  return endpoint ? { endpoint } : {};
};

export const report = async (event) => {
  await new CodePipeline(at("CODEPIPELINE")).putJobSuccessResult({ jobId: event["CodePipeline.job"].id });
};

export const work = async (event) => {
  const { id: jobId, data } = event["CodePipeline.job"];
  const said = Object.fromEntries(
    data.actionConfiguration.configuration.UserParameters.split(" ").map((pair) => pair.split("=")),
  );
  const { artifactCredentials: credentials } = data;
  const s3 = new S3({ ...at("S3"), credentials, forcePathStyle: process.env.MATRIX_S3 !== undefined });
  const codePipeline = new CodePipeline(at("CODEPIPELINE"));
  const contents = [];
  for (const artifact of data.inputArtifacts)
    contents.push(await bytesOf((await s3.getObject(placeOf(artifact))).Body));
  const size = String(contents.at(-1).length);
  if (said.size !== undefined && said.size !== size) {
    const failureDetails = {
      type: "RevisionOutOfSync",
      message: `size is ${size} but the variable says ${said.size}`,
    };
    await codePipeline.putJobFailureResult({ jobId, failureDetails });
    return;
  }
  const count = Number(data.continuationToken ?? 0) + 1;
  if (count < Number(said.jobs)) {
    await codePipeline.putJobSuccessResult({ jobId, continuationToken: String(count) });
    return;
  }
  const made = Buffer.concat(contents);
  await s3.putObject({ ...placeOf(data.outputArtifacts[0]), Body: made, ServerSideEncryption: "aws:kms" });
  await codePipeline.putJobSuccessResult({ jobId, outputVariables: { Size: String(made.length) } });
};

/** Old versions give a stream and nothing more. */
async function bytesOf(body) {
  const parts = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

function placeOf({ location: { s3Location } }) {
  return { Bucket: s3Location.bucketName, Key: s3Location.objectKey };
}
