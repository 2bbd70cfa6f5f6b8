import type { WorkTable } from "../../store/work.ts";

/** What a row of the outbox holds of an asynchronous invocation: for a job, or for a call from outside. */
export type InvokeBody = InvokeHead & (JobCallBody | DirectCallBody);

interface InvokeHead {
  /** When the event came. Epoch milliseconds. */
  readonly at: number;
  /** How often it was put off because the function had no room; such a try does not count as a call. */
  readonly throttles?: number;
}

interface JobCallBody {
  readonly jobId: string;
}

interface DirectCallBody {
  /** With the version or alias of the call, if any. */
  readonly functionArn: string;
  /** Base64. */
  readonly payload: string;
  /** JSON. */
  readonly clientContext?: string;
  /** How many calls before this one were each made of the record of another. */
  readonly links?: number;
}

/** A new row for an invocation. */
export function invokeWork(id: string, body: InvokeBody): WorkTable {
  return { id, kind: "invoke", body: JSON.stringify(body), attempt: 1, due_at: body.at };
}

/** Only `invokeWork` and `putOff` make these bodies. */
export const readInvokeBody = (work: WorkTable) => JSON.parse(work.body) as InvokeBody;

/** The row of an invocation that has to wait until `dueAt` for room. */
export function putOff(work: WorkTable, attempt: number, body: InvokeBody, dueAt: number): WorkTable {
  const throttles = (body.throttles ?? 0) + 1;
  // Both together, so that a row that has waited is told from a new one.
  return { ...work, body: JSON.stringify({ ...body, throttles }), attempt: attempt + throttles, due_at: dueAt };
}
