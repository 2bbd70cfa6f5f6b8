import type { Identity } from "../../identity/identity.ts";
import { ServiceError } from "../../wire/error.ts";
import { type ActionResult, failed, type RunningProvider, type StartedAction } from "./provider.ts";
import type { CallAsRole } from "./role-calls.ts";
import { whyNotAssume } from "./why-not-assume.ts";

/*
 * The Lambda deploy action: puts its input artifact into a function as a new version, and lets an alias name that
 * version; without an artifact the alias gets a version that is there.
 *
 * Source: user guide, "AWS Lambda deploy action reference". Traffic is shifted all at once: a canary, a linear shift
 * and alarms are refused, because there is no CloudWatch here that could stop one. The words of failures are our choice.
 */

export interface LambdaDeployOptions {
  readonly callAsRole: CallAsRole;
  readonly identity: Pick<Identity, "mayAssume">;
  /** Epoch milliseconds. */
  now(): number;
}

export function createLambdaDeploy({ callAsRole, identity, now }: LambdaDeployOptions): RunningProvider {
  return {
    type: "run",
    async run(action) {
      const refused = await whyNotAssume(identity, action, now());
      if (refused !== undefined) return failed("PermissionError", refused);
      const problem = problemOf(action);
      if (problem !== undefined) return failed("ConfigurationError", problem);
      try {
        return await deploy(action, callAsRole);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        const code = error.code.startsWith("AccessDenied") ? "PermissionError" : "ConfigurationError";
        return failed(code, code === "PermissionError" ? error.message : `${error.code}: ${error.message}`);
      }
    },
  };
}

function problemOf({ input }: StartedAction): string | undefined {
  const { FunctionAlias, PublishedTargetVersion, DeployStrategy = "AllAtOnce", Alarms } = input.resolvedConfiguration;
  const hasArtifact = input.inputArtifacts.length > 0;
  if (!/^(AllAtOnce|Canary\d+Percent\d+Minutes|Linear\d+PercentEvery\d+Minutes?)$/.test(DeployStrategy))
    return `DeployStrategy is "${DeployStrategy}"; it must be like AllAtOnce, Canary10Percent5Minutes or Linear10PercentEvery1Minute.`;
  if (DeployStrategy !== "AllAtOnce" || Alarms) {
    return "Penstock shifts traffic all at once. Leave out Alarms, and let DeployStrategy be AllAtOnce, to run this action here.";
  }
  if (!hasArtifact && !PublishedTargetVersion)
    return "PublishedTargetVersion is required when the action has no input artifact.";
  if (PublishedTargetVersion && !FunctionAlias)
    return "PublishedTargetVersion needs a FunctionAlias that it is deployed to.";
  return undefined;
}

async function deploy(action: StartedAction, callAsRole: CallAsRole): Promise<ActionResult> {
  const { roleArn, input } = action;
  const { FunctionName = "", FunctionAlias, PublishedTargetVersion } = input.resolvedConfiguration;
  const call = (operation: string, members: object) =>
    callAsRole({
      roleArn,
      region: input.region,
      service: "lambda",
      operation,
      input: { FunctionName, ...members },
    });
  // An alias that is not there is told before anything is changed.
  if (FunctionAlias) await call("GetAlias", { Name: FunctionAlias });
  const version = PublishedTargetVersion || (await publish(input.inputArtifacts[0], call));
  if (FunctionAlias) await call("UpdateAlias", { Name: FunctionAlias, FunctionVersion: version });
  return {
    status: "Succeeded",
    output: {
      outputVariables: { FunctionVersion: version },
      summary: "Deployment Succeeded",
      externalExecutionId: FunctionAlias ? `${FunctionName}:${FunctionAlias}` : `${FunctionName}:${version}`,
    },
  };
}

async function publish(
  artifact: StartedAction["input"]["inputArtifacts"][number] | undefined,
  call: (operation: string, members: object) => Promise<Readonly<Record<string, unknown>>>,
): Promise<string> {
  const updated = await call("UpdateFunctionCode", { S3Bucket: artifact?.bucket, S3Key: artifact?.key, Publish: true });
  return String(updated["Version"]);
}
