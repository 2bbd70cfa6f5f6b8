// Deploys a function out of the job's artifacts, as many do it: create, and update where it is there already.
import { CodePipeline } from "@aws-sdk/client-codepipeline";
import {
  Lambda,
  ResourceConflictException,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";

const client = new Lambda();
const waiting = { client, maxWaitTime: 20 };

export const handler = async (event) => {
  const { id: jobId, data } = event["CodePipeline.job"];
  const [FunctionName, Role] = data.actionConfiguration.configuration.UserParameters.split(" ");
  const [code, layer] = data.inputArtifacts.map(place);
  const published = await client.publishLayerVersion({ LayerName: `${FunctionName}-words`, Content: layer });
  const settings = {
    FunctionName,
    Runtime: "nodejs22.x",
    Role,
    Handler: "index.handler",
    Environment: { Variables: { DEPLOYED_BY: jobId } },
    Layers: [published.LayerVersionArn],
  };
  let did = "created";
  try {
    await client.createFunction({ ...settings, Code: code });
    await waitUntilFunctionActiveV2(waiting, { FunctionName });
  } catch (error) {
    if (!(error instanceof ResourceConflictException)) throw error;
    did = error.message;
    await client.updateFunctionCode({ FunctionName, ...code });
    await waitUntilFunctionUpdatedV2(waiting, { FunctionName });
    await client.updateFunctionConfiguration(settings);
    await waitUntilFunctionUpdatedV2(waiting, { FunctionName });
  }
  const { Version } = await client.publishVersion({ FunctionName });
  await moveAlias(FunctionName, Version);
  await new CodePipeline().putJobSuccessResult({ jobId, outputVariables: { Version, Did: did } });
};

/** Half of the calls go to the version before, if there is one. */
async function moveAlias(FunctionName, FunctionVersion) {
  const alias = { FunctionName, Name: "live" };
  try {
    await client.createAlias({ ...alias, FunctionVersion });
  } catch (error) {
    if (!(error instanceof ResourceConflictException)) throw error;
    const before = await client.getAlias(alias);
    const RoutingConfig = { AdditionalVersionWeights: { [before.FunctionVersion]: 0.5 } };
    await client.updateAlias({ ...alias, FunctionVersion, RoutingConfig });
  }
}

function place({ location: { s3Location } }) {
  return { S3Bucket: s3Location.bucketName, S3Key: s3Location.objectKey };
}
