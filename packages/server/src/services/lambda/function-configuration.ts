import { createHash } from "node:crypto";
import { functionArn } from "../../functions/function-name.ts";
import type { FunctionSettings } from "../../functions/function-settings.ts";
import type { StoredFunction } from "../../functions/registry.ts";
import type { FunctionConfiguration, Runtime } from "./shapes.generated.ts";

/** A function as Lambda shows it. `qualifier` is the one that was asked for, which the ARN then carries. */
export function toConfiguration(stored: StoredFunction, qualifier?: string): FunctionConfiguration {
  const { settings, name } = stored;
  return {
    FunctionName: name,
    FunctionArn: qualifier === undefined ? stored.arn : functionArn(stored.region, stored.account, name, qualifier),
    // It came through the model's list of runtimes, or from the command line, where the host knows it.
    Runtime: settings.runtime as Runtime,
    Role: settings.roleArn,
    Handler: settings.handler,
    CodeSize: stored.codeBytes,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    LastModified: lambdaTime(stored.modifiedAt),
    CodeSha256: stored.codeSha256,
    Version: stored.version,
    TracingConfig: { Mode: settings.tracing },
    RevisionId: stored.revisionId,
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    SnapStart: { ApplyOn: settings.snapStart, OptimizationStatus: "Off" },
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(stored.region, settings.runtime) },
    LoggingConfig: toLogging(settings),
    ...whatWasGiven(settings),
  };
}

function toLogging({ logging }: FunctionSettings): NonNullable<FunctionConfiguration["LoggingConfig"]> {
  return {
    LogFormat: logging.format,
    LogGroup: logging.group,
    ...(logging.applicationLevel && { ApplicationLogLevel: logging.applicationLevel }),
    ...(logging.systemLevel && { SystemLogLevel: logging.systemLevel }),
  };
}

/** Members that are absent unless the function has them. */
function whatWasGiven({
  environment,
  kmsKeyArn,
  deadLetterArn,
  vpc,
  layers,
}: FunctionSettings): Partial<FunctionConfiguration> {
  return {
    ...(Object.keys(environment).length > 0 && { Environment: { Variables: environment } }),
    ...(layers.length > 0 && { Layers: layers.map(({ arn, codeBytes }) => ({ Arn: arn, CodeSize: codeBytes })) }),
    ...(kmsKeyArn !== undefined && { KMSKeyArn: kmsKeyArn }),
    ...(deadLetterArn !== undefined && { DeadLetterConfig: { TargetArn: deadLetterArn } }),
    ...(vpc && { VpcConfig: { SubnetIds: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds, VpcId: "" } }),
  };
}

/** Such as `2026-11-24T10:00:00.000+0000`. */
const lambdaTime = (at: number) => new Date(at).toISOString().replace("Z", "+0000");

/** Only stands for the runtime: no version of AWS's runs here. */
function runtimeVersionArn(region: string, runtime: string): string {
  return `arn:aws:lambda:${region}::runtime:${createHash("sha256").update(runtime).digest("hex")}`;
}
