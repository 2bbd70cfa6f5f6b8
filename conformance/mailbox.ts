import type { Client } from "./client.ts";
import { createFunction, zipOfFunctions } from "./ground.ts";
import { openInbox } from "./inbox.ts";
import type { Penstock } from "./server.ts";

/*
 * A function that only passes its event on, and the mailbox into which it does. The test then is the function: it
 * reports for the job, or does not. The server must be told to wait for that, because the function itself never reports.
 */

/** A job as its function received it. */
export interface ReceivedJob {
  readonly id: string;
  readonly accountId: string;
  readonly data: {
    readonly actionConfiguration: { readonly configuration: Record<string, string> };
    readonly inputArtifacts: readonly ReceivedArtifact[];
    readonly outputArtifacts: readonly ReceivedArtifact[];
    readonly artifactCredentials: Required<NonNullable<Credentials>> & { readonly expirationTime: number };
    readonly continuationToken?: string;
    readonly encryptionKey?: { readonly id: string; readonly type: string };
  };
}

export interface ReceivedArtifact {
  readonly name: string;
  readonly revision: string | null;
  readonly location: {
    readonly type: string;
    readonly s3Location: { readonly bucketName: string; readonly objectKey: string };
  };
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Where the events come in, one by one. */
export interface Mailbox {
  /** The next job that was not taken yet. */
  nextJob(): Promise<ReceivedJob>;
  /** The next event as it came. */
  nextEvent(): Promise<object>;
}

/** Creates the function `pass-on` and its mailbox. */
export async function openMailbox(client: Client, server: Penstock): Promise<Mailbox> {
  const { url, next: nextEvent } = await openInbox(server, (json, response) => {
    response.end("passed on");
    return json as object; // an event is an object
  });
  await createFunction(client, {
    name: "pass-on",
    runtime: "nodejs22.x",
    handler: "pass-on.handler",
    code: await zipOfFunctions("pass-on.mjs"),
    environment: { PASS_TO: url },
  });
  return {
    nextEvent,
    async nextJob() {
      const event = (await nextEvent()) as { "CodePipeline.job": ReceivedJob }; // what get-job-details.test.ts holds
      return event["CodePipeline.job"];
    },
  };
}
