import { parseFunctionReference } from "../../functions/function-name.ts";
import type { InvokeConfig, InvokeSettings } from "../../functions/invoke-configs.ts";
import { invalidParameter } from "../../functions/registry-errors.ts";
import { type Call, homeOf } from "../../wire/operation.ts";
import type { Lambda } from "./context.ts";
import type { FunctionEventInvokeConfig, PutFunctionEventInvokeConfigInput } from "./shapes.generated.ts";

/** Settings of asynchronous calls as Lambda shows them. */
export function toEventInvokeConfig(config: InvokeConfig): FunctionEventInvokeConfig {
  const { functionArn, modifiedAt, retriesMax, eventAgeSecondsMax, onSuccess, onFailure } = config;
  return {
    LastModified: modifiedAt,
    FunctionArn: functionArn,
    ...(retriesMax !== undefined && { MaximumRetryAttempts: retriesMax }),
    ...(eventAgeSecondsMax !== undefined && { MaximumEventAgeInSeconds: eventAgeSecondsMax }),
    DestinationConfig: {
      OnSuccess: onSuccess === undefined ? {} : { Destination: onSuccess },
      OnFailure: onFailure === undefined ? {} : { Destination: onFailure },
    },
  };
}

/**
 * What a request gives, on top of what there is. A destination that is given empty is taken away.
 *
 * Errors: `InvalidParameterValueException` when nothing is given.
 */
export function givenInvokeSettings(input: PutFunctionEventInvokeConfigInput, before: InvokeSettings): InvokeSettings {
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = input;
  if (MaximumRetryAttempts === undefined && MaximumEventAgeInSeconds === undefined && !DestinationConfig) {
    throw invalidParameter("You must specify at least one of error handling or destination setting.");
  }
  const { onSuccess, onFailure, ...handling } = before;
  const destinations = DestinationConfig
    ? { onSuccess: DestinationConfig.OnSuccess?.Destination, onFailure: DestinationConfig.OnFailure?.Destination }
    : { onSuccess, onFailure };
  return {
    ...handling,
    ...(MaximumRetryAttempts !== undefined && { retriesMax: MaximumRetryAttempts }),
    ...(MaximumEventAgeInSeconds !== undefined && { eventAgeSecondsMax: MaximumEventAgeInSeconds }),
    ...(destinations.onSuccess && { onSuccess: destinations.onSuccess }),
    ...(destinations.onFailure && { onFailure: destinations.onFailure }),
  };
}

/**
 * Checks the destinations of a request: a function must be there, be another one, and be allowed to the caller's role.
 * Destinations of other services are kept, and a warning says that nothing will arrive there.
 *
 * Errors: `InvalidParameterValueException`.
 */
export async function checkDestinations(
  input: PutFunctionEventInvokeConfigInput,
  { registry, whyNotInvoke, warn }: Lambda,
  call: Call,
): Promise<void> {
  const self = await registry.find(homeOf(call), input.FunctionName);
  const { OnSuccess, OnFailure } = input.DestinationConfig ?? {};
  for (const arn of new Set([OnSuccess?.Destination, OnFailure?.Destination])) {
    if (!arn) continue;
    const service = arn.split(":", 3)[2] ?? "";
    if (OTHER_SERVICES.has(service)) {
      warn(
        `${input.FunctionName} is to send what becomes of its asynchronous calls to ${arn}, which Penstock keeps but does not do: name a function to get these records here.`,
      );
      continue;
    }
    const parsed = parseFunctionReference(arn);
    const found =
      parsed?.region !== undefined && (await registry.find({ ...homeOf(call), region: parsed.region }, arn));
    if (service !== "lambda" || !found) throw invalidParameter(`The destination ARN ${arn} is invalid.`);
    if (self && found.arn === self.arn)
      throw invalidParameter("You can't specify the function as a destination for itself.");
    const refused = self && (await whyNotInvoke(self.settings.roleArn, arn));
    if (refused !== undefined) {
      throw invalidParameter(`The function's execution role does not have permissions to call Invoke on ${arn}`);
    }
  }
}

/** Services that Lambda sends records to beside itself. Source: Lambda developer guide, "Capturing records". */
const OTHER_SERVICES: ReadonlySet<string> = new Set(["sqs", "sns", "events", "s3"]);
