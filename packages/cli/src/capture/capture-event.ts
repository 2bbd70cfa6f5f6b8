/** A capture of an event that somebody saved, as from a log of AWS. */
import { readFileSync } from "node:fs";
import type { CapturedArtifact, JobCapture } from "@penstock/server/capture";
import { inputWrong, systemCode } from "../failure.ts";
import { parseSource } from "../project/source-text.ts";
import { validate } from "../project/validate.ts";
import { eventSchema, type ReadEvent } from "./capture-schema.ts";

const JOB = "CodePipeline.job";

/** How deep the event may lie in what was saved. */
const DEPTH_MAX = 8;

/** Bytes of a file that are looked through. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Finds the event in a file, as it is or within a log, and takes only what is known of it: credentials are left out,
 * and where they stand in another member they are masked. Throws a `Failure` (exit status 2).
 */
export async function captureEvent(file: string, version: JobCapture["penstockCapture"]): Promise<JobCapture> {
  const found = findEvent(readText(file), file);
  const known = await validate(eventSchema, await parseSource(JSON.stringify(found), `${file}.json`));
  const event = masked(known, secretsOf(found));
  const { inputArtifacts, outputArtifacts } = event[JOB].data;
  return {
    penstockCapture: version,
    capturedAt: new Date().toISOString(),
    source: "event",
    event: withoutUndefined(event),
    artifacts: [...inputArtifacts.map(asReference("input")), ...outputArtifacts.map(asReference("output"))],
    job: null,
    function: null,
    attempts: [],
    outcome: null,
  };
}

function asReference(direction: CapturedArtifact["direction"]) {
  return ({ name, revision, location }: ReadEvent[typeof JOB]["data"]["inputArtifacts"][number]): CapturedArtifact => ({
    direction,
    name,
    bucket: location.s3Location.bucketName,
    key: location.s3Location.objectKey,
    versionId: revision,
    sizeBytes: null,
    sha256: null,
  });
}

function readText(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    if (text.length <= FILE_BYTES_MAX) return text;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") throw inputWrong(`there is no file ${file}`, "Check the path.", error);
    if (code === "EISDIR") throw inputWrong(`${file} is a folder, not a file`, "Name the file in it.", error);
    throw error;
  }
  throw inputWrong(`${file} is larger than 16 MB`, "Cut out the line with the event.");
}

function findEvent(text: string, file: string): object {
  const found = text.trimStart().startsWith("{") ? within(parse(text), 0) : undefined;
  const event = found ?? inLog(text);
  if (event) return event;
  const isPython = text.includes(`'${JOB}'`);
  throw inputWrong(
    `${file} has no event with a member "${JOB}" in JSON`,
    isPython
      ? "Python printed it in its own form. Print it with json.dumps(event), or use a capture of Penstock."
      : `Save the event that the function received: { "${JOB}": { … } }, by itself or in a line of a log.`,
  );
}

function within(value: unknown, depth: number): object | undefined {
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return undefined;
  if (Object.hasOwn(value, JOB)) return value;
  for (const inner of Object.values(value)) {
    const found = within(inner, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** In a line of a log the event begins at the last brace before its only member. */
function inLog(text: string): object | undefined {
  const member = text.indexOf(`"${JOB}"`);
  const start = member < 0 ? -1 : text.lastIndexOf("{", member);
  const end = start < 0 ? -1 : endOfObject(text, start);
  return end < 0 ? undefined : within(parse(text.slice(start, end)), 0);
}

/** Where the object that begins at `start` ends; -1 when it does not. Braces in strings do not count. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (const { 0: token, index } of text.slice(start).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === "{") depth += 1;
    if (token === "}") depth -= 1;
    if (depth === 0) return start + index + 1;
  }
  return -1;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a log, or no JSON at all: the caller looks on
  }
}

const SECRETS = ["accessKeyId", "secretAccessKey", "sessionToken"];

/** Shorter than this nothing is masked: it would stand in many a harmless text. */
const SECRET_CHARS_MIN = 8;

function secretsOf(event: object): readonly string[] {
  const found: string[] = [];
  JSON.stringify(event, (key, value: unknown) => {
    if (SECRETS.includes(key) && typeof value === "string" && value.length >= SECRET_CHARS_MIN) found.push(value);
    return value;
  });
  return found;
}

function masked<T extends object>(value: T, secrets: readonly string[]): T {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "string" ? secrets.reduce((shown, secret) => shown.replaceAll(secret, "****"), inner) : inner,
  );
  return JSON.parse(text) as T; // only strings were changed
}

function withoutUndefined(event: ReadEvent): JobCapture["event"] {
  return JSON.parse(JSON.stringify(event)) as JobCapture["event"]; // the same without members that are undefined
}
