import type { InvocationEnd } from "../../functions/host.ts";
import { deleteWork, insertWork, type WorkTable } from "../../store/work.ts";
import { uuidOfPath } from "../ids.ts";
import { asCaller } from "./as-caller.ts";
import { type Call, type Ending, tellNote } from "./attempts.ts";
import type { InvocationQueueOptions } from "./invocation-queue.ts";
import { invokeWork } from "./invoke-body.ts";

/*
 * Destinations: when an asynchronous invocation is over for good, a record of it goes to whom the function's settings
 * name for success or failure. A function is called with the record, asynchronously in its turn; its call goes on
 * record in the commit that forgets the first one, so a crash neither loses nor doubles it.
 */

/**
 * How many records may follow from one another, as Lambda stops calls that go round in a loop.
 *
 * Source: Lambda developer guide, "Recursive loop detection": about 16 times.
 */
const LINKS_COUNT_MAX = 16;

/** Puts the call of the destination on record, if there is one; answers its row. The call that has ended is forgotten. */
export async function handOn(
  call: Call,
  ending: Ending,
  options: InvocationQueueOptions,
): Promise<WorkTable | undefined> {
  const { onSuccess, onFailure } = call.spec.asynchronous ?? {};
  const destination = ending.condition === "Success" ? onSuccess : onFailure;
  if (destination === undefined) return undefined;
  const refusal = await whyNot(call, destination, options);
  if (refusal !== undefined) {
    options.warn?.(refusal);
    tellNote(call, options, "destination", refusal);
    return undefined;
  }
  const payload = Buffer.from(JSON.stringify(record(call, ending, options.clock.now()))).toString("base64");
  const work = invokeWork(uuidOfPath(`${call.work.id}/destination`), {
    at: options.clock.now(),
    functionArn: destination,
    payload,
    links: linksOf(call) + 1,
  });
  await options.store.transact(async (tx) => {
    await tx.run(deleteWork, { id: call.work.id });
    await tx.run(insertWork, work);
  });
  tellNote(call, options, "destination", `a record of the call of ${call.spec.name} goes to ${destination}`);
  return work;
}

async function whyNot(call: Call, destination: string, options: InvocationQueueOptions): Promise<string | undefined> {
  const { spec } = call;
  if (!destination.startsWith("arn:aws:lambda:")) {
    return `The record of a call of ${spec.name} is lost: its destination ${destination} is not a function, and Penstock serves no others.`;
  }
  if (linksOf(call) >= LINKS_COUNT_MAX) {
    return `The record of a call of ${spec.name} is not sent to ${destination}: it would be number ${LINKS_COUNT_MAX + 1} in a row, so the destinations seem to go round in a loop.`;
  }
  const access = await options.identity.authorize({
    caller: asCaller(spec.roleArn, spec.name),
    action: "lambda:InvokeFunction",
    resource: destination,
    ...(await resourcePolicyOf(destination, options)),
  });
  return access.allowed ? undefined : `The record of a call of ${spec.name} is not sent: ${access.message}`;
}

/** The policy of a function as a check of access takes it. */
export async function resourcePolicyOf(functionArn: string, { functionPolicy }: InvocationQueueOptions) {
  const resourcePolicy = await functionPolicy?.(functionArn);
  return resourcePolicy ? { resourcePolicy } : {};
}

const linksOf = ({ body }: Call) => ("links" in body ? (body.links ?? 0) : 0);

/**
 * What a destination receives.
 *
 * Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations". A call that never ran, and
 * one of which nothing is known since a restart, has no response.
 */
function record({ work, spec, payload }: Call, { condition, calls, end }: Ending, now: number): object {
  return {
    version: "1.0",
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId: work.id,
      functionArn: qualified(spec.invokedArn ?? spec.arn),
      condition,
      approximateInvokeCount: calls,
    },
    requestPayload: parse(payload),
    ...(end && {
      responseContext: {
        statusCode: 200,
        executedVersion: spec.version,
        ...(end.outcome !== "returned" && { functionError: "Unhandled" }),
      },
      responsePayload: parse(end.payload),
    }),
  };
}

/** A record names `$LATEST` even when the caller did not. */
const qualified = (arn: string) => (arn.split(":").length > 7 ? arn : `${arn}:$LATEST`);

/** A function's own runtime may answer anything; what is no JSON goes on as text. */
function parse(payload: InvocationEnd["payload"]): unknown {
  const text = payload.toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
