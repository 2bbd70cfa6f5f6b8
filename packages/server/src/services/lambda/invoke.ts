import type { InvocationEnd } from "../../functions/host.ts";
import { type StoredFunction, specOf } from "../../functions/registry.ts";
import type { Call } from "../../wire/operation.ts";
import { type Lambda, served } from "./context.ts";
import { invalidRequestContent, payloadTooLarge } from "./errors.ts";
import { onFunction, requireFunction } from "./find.ts";
import { createLogTail } from "./log-tail.ts";
import type { InvokeInput, InvokeOutput } from "./shapes.generated.ts";

/** Source: Lambda developer guide, "Lambda quotas", invocation payload. Unit: bytes. */
const PAYLOAD_BYTES_MAX = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 } as const;

/**
 * Calls a function and waits for it, or only puts the call on record (`Event`), or only checks (`DryRun`).
 *
 * A function that fails is an answer, not an error: status 200, with `FunctionError`.
 * Errors: `ResourceNotFoundException`, `InvalidRequestContentException`, `RequestEntityTooLargeException`.
 * Source: Lambda API reference, Invoke.
 */
export const invoke = served({
  name: "Invoke",
  access: ({ FunctionName, Qualifier }, _, call) => onFunction("InvokeFunction", FunctionName, call, Qualifier),
  async run(input, context, call) {
    const type = input.InvocationType ?? "RequestResponse";
    const payload = readPayload(input, PAYLOAD_BYTES_MAX[type]);
    const found = await requireFunction(context.registry, call, input.FunctionName, input.Qualifier);
    if (type === "DryRun") return { StatusCode: 204 };
    if (type === "RequestResponse") return await invokeAndWait(found, payload, input, context, call);
    await context.invokeAsync(call.requestId, found.arn, payload);
    return { StatusCode: 202 };
  },
});

/** No payload is an empty event. */
const EMPTY_EVENT = Buffer.from("{}");

function readPayload(
  { Payload: given, InvocationType: type = "RequestResponse" }: InvokeInput,
  bytesMax: number,
): Buffer {
  if (given === undefined || given.length === 0) return EMPTY_EVENT;
  if (given.length > bytesMax) throw payloadTooLarge(given.length, type, bytesMax);
  const payload = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  try {
    JSON.parse(payload.toString("utf8"));
  } catch (error) {
    throw invalidRequestContent(error instanceof Error ? error.message : String(error));
  }
  return payload;
}

async function invokeAndWait(
  found: StoredFunction,
  payload: Buffer,
  { LogType }: InvokeInput,
  { host }: Lambda,
  { requestId }: Call,
): Promise<InvokeOutput> {
  const tail = LogType === "Tail" ? createLogTail() : undefined;
  const end = await host.invoke(specOf(found), { requestId, payload, ...(tail && { onLine: tail.add }) });
  return {
    StatusCode: 200,
    Payload: end.payload,
    ExecutedVersion: found.version,
    ...functionError(end),
    ...(tail && { LogResult: tail.encode() }),
  };
}

/** Every failure of a function is `Unhandled`; `Handled` went with runtimes that are no more. */
function functionError({ outcome }: InvocationEnd): Pick<InvokeOutput, "FunctionError"> {
  return outcome === "returned" ? {} : { FunctionError: "Unhandled" };
}
