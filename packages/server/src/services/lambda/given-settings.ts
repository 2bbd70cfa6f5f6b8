import type { CodeSource } from "../../functions/function-code.ts";
import { parseFunctionReference } from "../../functions/function-name.ts";
import type { FunctionSettings } from "../../functions/function-settings.ts";
import { invalidParameter } from "../../functions/registry-errors.ts";
import { notSupported } from "./errors.ts";
import type {
  CreateFunctionInput,
  FunctionCode,
  LoggingConfig,
  UpdateFunctionConfigurationInput,
} from "./shapes.generated.ts";

/** The settings that a request gives; what it leaves out is absent, and stays as it is. */
export function givenSettings(
  input: UpdateFunctionConfigurationInput | CreateFunctionInput,
): Partial<FunctionSettings> {
  refuseUnsupported(input);
  return {
    ...(input.Runtime !== undefined && { runtime: input.Runtime }),
    ...(input.Handler !== undefined && { handler: input.Handler }),
    ...(input.Role !== undefined && { roleArn: input.Role }),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.Timeout !== undefined && { timeoutSeconds: input.Timeout }),
    ...(input.MemorySize !== undefined && { memoryMb: input.MemorySize }),
    ...(input.Environment && { environment: input.Environment.Variables ?? {} }),
    ...(input.EphemeralStorage && { ephemeralStorageMb: input.EphemeralStorage.Size }),
    ...(input.TracingConfig?.Mode && { tracing: input.TracingConfig.Mode }),
    ...(input.SnapStart?.ApplyOn && { snapStart: input.SnapStart.ApplyOn }),
    ...(input.KMSKeyArn !== undefined && { kmsKeyArn: input.KMSKeyArn }),
    ...(input.DeadLetterConfig?.TargetArn !== undefined && { deadLetterArn: input.DeadLetterConfig.TargetArn }),
    ...(input.LoggingConfig && { logging: givenLogging(input.LoggingConfig, input.FunctionName) }),
    ...(input.VpcConfig && { vpc: givenVpc(input.VpcConfig) }),
  };
}

function givenVpc({ SubnetIds, SecurityGroupIds }: NonNullable<CreateFunctionInput["VpcConfig"]>) {
  return { subnetIds: SubnetIds ?? [], securityGroupIds: SecurityGroupIds ?? [] };
}

function givenLogging(given: LoggingConfig, functionName: string): FunctionSettings["logging"] {
  const name = parseFunctionReference(functionName)?.name ?? functionName;
  return {
    format: given.LogFormat ?? "Text",
    group: given.LogGroup ?? `/aws/lambda/${name}`,
    ...(given.ApplicationLogLevel && { applicationLevel: given.ApplicationLogLevel }),
    ...(given.SystemLogLevel && { systemLevel: given.SystemLogLevel }),
  };
}

/** What a function would miss at run time must not be left out in silence. */
function refuseUnsupported(input: UpdateFunctionConfigurationInput | CreateFunctionInput): void {
  if (input.FileSystemConfigs?.length) throw notSupported("FileSystemConfigs", "functions see this machine's files");
  if (input.CapacityProviderConfig) throw notSupported("CapacityProviderConfig", "functions run on this machine");
  if (input.DurableConfig) throw notSupported("DurableConfig", "leave it out");
}

/**
 * Where a request says the code is.
 *
 * Errors: `InvalidParameterValueException` unless it says so exactly once.
 */
export function givenCode(code: FunctionCode): CodeSource {
  const { ZipFile: zip, S3Bucket: bucket, S3Key: key, S3ObjectVersion: versionId, ImageUri: image } = code;
  if (image !== undefined) throw notSupported("ImageUri", "give the code as a zip, in ZipFile or in S3");
  if (zip !== undefined) {
    if (bucket !== undefined || key !== undefined) {
      throw invalidParameter("Please do not provide other FunctionCode parameters when providing a ZipFile.");
    }
    return { type: "zip", bytes: Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength) };
  }
  if (bucket === undefined || key === undefined) throw invalidParameter("Please provide a source for function code.");
  return { type: "s3", bucket, key, ...(versionId !== undefined && { versionId }) };
}
