/*
 * A continuation token is a text of at most 2048 characters. A state that fits is the token itself, as JSON. A larger
 * one is put into S3, and the token says where:
 *
 * - `penstock-state:bucket/key`: in the bucket that the author names, with the function's own credentials; or
 * - `penstock-state:`: in the place of the job's first output artifact, which all jobs of the action share, with the
 *   job's credentials. The real artifact takes its place when the job succeeds.
 */

import { allOf } from "./all-of.ts";
import { readObject } from "./artifacts/object-source.ts";
import { ConfigurationError, JobFailed } from "./failure.ts";
import { jsonIn } from "./json.ts";
import { STATE_BYTES_MAX, TOKEN_CHARACTERS_MAX } from "./limits.ts";
import { accepted, type StandardSchema } from "./standard-schema.ts";
import type { ObjectStore, ObjectTarget } from "./surroundings.ts";

/** No JSON text begins so. Alone it is the token of a state in the place of the first output artifact. */
export const ELSEWHERE = "penstock-state:";

/** Where a large state is, and what it is read and written with. */
export type StatePlace = readonly [place: ObjectTarget, store: ObjectStore];

/** Where a large state can go. */
export interface StateStorage {
  /** What states are checked by. */
  readonly schema: StandardSchema | undefined;
  /** `bucket/key` in the bucket that the author names; empty without one. */
  readonly path: string;
  /** What is read and written there with. */
  readonly own: ObjectStore;
  /** Takes the place of the first output artifact, if there is one. Fails when something of that is there. */
  readonly claim: (() => StatePlace) | undefined;
}

/**
 * Makes a token of a state, and puts the state into S3 if it is too large for one.
 *
 * Errors: `JobFailed` for a state that is no JSON, not as declared, or too large; `ConfigurationError` when there is no
 * place for it.
 */
export async function tokenOf(state: unknown, storage: StateStorage): Promise<string> {
  const { schema, path } = storage;
  const json: string | undefined = JSON.stringify(state);
  if (json === undefined) throw new JobFailed("A state to continue with must be JSON.");
  // What the next job will read must be what the schema takes, so that is tried here.
  await accepted(schema, [JSON.parse(json)], JobFailed, "The state to continue with is not as declared");
  if (json.length <= TOKEN_CHARACTERS_MAX) return json;
  const Body = Buffer.from(json);
  if (Body.length > STATE_BYTES_MAX) {
    throw new JobFailed(`The state has ${Body.length} bytes of JSON; at most ${STATE_BYTES_MAX} are stored.`);
  }
  const target = placeAt(path, storage);
  if (!target) {
    throw new ConfigurationError(
      `The state has ${json.length} characters; a token has at most ${TOKEN_CHARACTERS_MAX}. Declare an output artifact, or name a 'stateBucket'.`,
    );
  }
  const [place, store] = target;
  await (await store()).putObject({ ...place, Body, ContentType: "application/json" });
  return ELSEWHERE + path;
}

/**
 * Reads a state, also of a token that this library did not make: then it is JSON or plain text.
 *
 * Errors: `ConfigurationError` when the state is not as declared, or its place is not there any more; those of S3 as
 * they are.
 */
export async function stateOf(token: string | undefined, storage: StateStorage): Promise<unknown> {
  if (token === undefined) return undefined;
  const readings = token.startsWith(ELSEWHERE)
    ? jsonIn(await stored(token.slice(ELSEWHERE.length), storage))
    : [...jsonIn(token), token];
  const what = "The state of the job before is not as declared now";
  return await accepted(storage.schema, readings, ConfigurationError, what);
}

async function stored(path: string, storage: StateStorage): Promise<string> {
  const source = placeAt(path, storage);
  if (!source) throw new ConfigurationError("The state of the job before lies in an output artifact; there is none.");
  const [place, store] = source;
  return (await allOf(await readObject(store, place), STATE_BYTES_MAX)).toString();
}

/** Of an empty path the place of the first output artifact, if there is one. */
function placeAt(path: string, { own, claim }: StateStorage): StatePlace | undefined {
  if (!path) return claim?.();
  const [Bucket = "", ...key] = path.split("/");
  return [{ Bucket, Key: key.join("/") }, own];
}
