import type { Invocation, InvocationEnd } from "../../functions/host.ts";
import { type RoutedFunction, specOf } from "../../functions/registry.ts";
import { type Lambda, served } from "./context.ts";
import { invalidClientContext, invalidRequestContent, payloadTooLarge } from "./errors.ts";
import { onFunction, requireRouted } from "./find.ts";
import { createLogTail } from "./log-tail.ts";
import type { InvokeInput, InvokeOutput } from "./shapes.generated.ts";

/** Source: Lambda developer guide, "Lambda quotas", invocation payload. Unit: bytes. */
const PAYLOAD_BYTES_MAX = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 } as const;

/**
 * Calls a function and waits for it, or only puts the call on record (`Event`), or only checks (`DryRun`).
 *
 * A function that fails is an answer, not an error: status 200, with `FunctionError`.
 * Errors: `ResourceNotFoundException`, `InvalidRequestContentException`, `RequestEntityTooLargeException`;
 * `TooManyRequestsException` when as many calls run as are reserved for the function.
 * Source: Lambda API reference, Invoke.
 */
export const invoke = served({
  name: "Invoke",
  access: ({ FunctionName, Qualifier }, _, call) => onFunction("InvokeFunction", FunctionName, call, Qualifier),
  async run(input, context, call) {
    const type = input.InvocationType ?? "RequestResponse";
    const payload = readPayload(input, PAYLOAD_BYTES_MAX[type]);
    const clientContext = readClientContext(input.ClientContext);
    const found = await requireRouted(context.registry, call, input.FunctionName, input.Qualifier);
    if (type === "DryRun") return { StatusCode: 204 };
    const asked = { requestId: call.requestId, payload, ...(clientContext !== undefined && { clientContext }) };
    if (type === "RequestResponse") return await invokeAndWait(found, asked, input, context);
    await context.invokeAsync({ ...asked, functionArn: found.invokedArn });
    return { StatusCode: 202 };
  },
});

/** The JSON that a client gives along, in Base64. */
function readClientContext(given: string | undefined): string | undefined {
  if (given === undefined || given === "") return undefined;
  const text = Buffer.from(given, "base64").toString("utf8");
  try {
    JSON.parse(text);
  } catch {
    throw invalidClientContext();
  }
  return text;
}

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
  { version, invokedArn }: RoutedFunction,
  asked: Invocation,
  { LogType }: InvokeInput,
  { host }: Lambda,
): Promise<InvokeOutput> {
  const tail = LogType === "Tail" ? createLogTail() : undefined;
  const end = await host.invoke(specOf(version), { ...asked, invokedArn, ...(tail && { onLine: tail.add }) });
  return {
    StatusCode: 200,
    Payload: end.payload,
    ExecutedVersion: version.version,
    ...functionError(end),
    ...(tail && { LogResult: tail.encode() }),
  };
}

/** Every failure of a function is `Unhandled`; `Handled` went with runtimes that are no more. */
function functionError({ outcome }: InvocationEnd): Pick<InvokeOutput, "FunctionError"> {
  return outcome === "returned" ? {} : { FunctionError: "Unhandled" };
}
