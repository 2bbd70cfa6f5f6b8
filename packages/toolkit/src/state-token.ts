/*
 * A continuation token is a text of at most 2048 characters. A state that fits is the token itself, as JSON. A larger
 * one is put into S3, and the token says where:
 *
 * - in the bucket that the author names, with the function's own credentials; or
 * - in the place of the job's first output artifact, which all jobs of the action share, with the job's credentials.
 *   The real artifact takes its place when the job succeeds.
 */

import { allOf } from "./all-of.ts";
import { readObject } from "./artifacts/object-source.ts";
import { ConfigurationError, JobFailed } from "./failure.ts";
import { jsonIn } from "./json.ts";
import type { ObjectStore, ObjectTarget } from "./surroundings.ts";

/** Unit: UTF-16 code units. Source: CodePipeline API reference, PutJobSuccessResult. */
export const TOKEN_CHARACTERS_MAX = 2048;

/** The most that a state may have, so that a loop that only grows is noticed. Unit: bytes of JSON. Source: our choice. */
export const STATE_BYTES_MAX = 16 * 1024 * 1024;

/** No JSON text begins so. */
const ELSEWHERE = "penstock-state:";

interface Pointer {
  readonly in: string;
  readonly bucket: string;
  readonly key: string;
}

/** The token of a state that lies in the place of the first output artifact. */
export const TOKEN_OF_OUTPUT = `${ELSEWHERE}{"in":"output"}`;

/** A place for a large state. */
export interface StatePlace {
  readonly place: ObjectTarget;
  readonly store: ObjectStore;
  /** Fails when something else is already there. */
  readonly claim?: () => void;
}

/** Where a large state can go. */
export interface StateStorage {
  /** Named by the author; written and read with the function's own credentials. */
  readonly bucket: StatePlace | undefined;
  /** The first output artifact, if the action declares one. */
  readonly output: StatePlace | undefined;
}

/**
 * Makes a token of a state's JSON, and puts the state into S3 if it is too large for one.
 *
 * Errors: `JobFailed` for a state that is too large; `ConfigurationError` when there is no place for it.
 */
export async function tokenOf(json: string, { bucket, output }: StateStorage): Promise<string> {
  if (json.length <= TOKEN_CHARACTERS_MAX) return json;
  const body = Buffer.from(json);
  if (body.length > STATE_BYTES_MAX) {
    throw new JobFailed(`The state has ${body.length} bytes of JSON; at most ${STATE_BYTES_MAX} are stored.`);
  }
  const target = bucket ?? output;
  if (!target) {
    throw new ConfigurationError(
      `The state has ${json.length} characters; a token has at most ${TOKEN_CHARACTERS_MAX}. Declare an output artifact, or name a 'stateBucket'.`,
    );
  }
  const { place, store, claim } = target;
  claim?.();
  await (await store()).putObject({ ...place, Body: body, ContentType: "application/json" });
  return bucket ? ELSEWHERE + JSON.stringify({ in: "bucket", bucket: place.Bucket, key: place.Key }) : TOKEN_OF_OUTPUT;
}

/** What a token says: the state's possible readings, and whether it lay in the place of the output artifact. */
export type ReadToken = readonly [readings: readonly unknown[], isInOutput: boolean];

/**
 * Reads a token, also one that this library did not make: then it is JSON or plain text.
 *
 * Errors: `ConfigurationError` when the state's place is not there any more; those of S3 as they are.
 */
export async function readToken(token: string, { bucket, output }: StateStorage): Promise<ReadToken> {
  if (!token.startsWith(ELSEWHERE)) return [[...jsonIn(token), token], false];
  const [pointer] = jsonIn(token.slice(ELSEWHERE.length)) as [Pointer]; // made above
  const isInOutput = pointer.in === "output";
  const named = pointer.bucket === bucket?.place.Bucket ? bucket : undefined;
  const source = isInOutput ? output : named;
  if (!source) {
    const where = isInOutput
      ? "the first output artifact, which the action"
      : `bucket '${pointer.bucket}', which the job`;
    throw new ConfigurationError(`The state of the job before lies in ${where} does not declare any more.`);
  }
  const place = isInOutput ? source.place : { Bucket: pointer.bucket, Key: pointer.key };
  const json = await allOf(await readObject(source.store, place), STATE_BYTES_MAX);
  return [jsonIn(json.toString()), isInOutput];
}
