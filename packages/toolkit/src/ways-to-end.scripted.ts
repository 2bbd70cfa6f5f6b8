/*
 * Every way in which a function can end, each with what must be reported. The same table runs in memory and, bundled,
 * in a process of a real server: the parameter `way` names the row.
 */

import { defineJob } from "./define-job.ts";
import {
  ConfigurationError,
  JobFailed,
  PermissionError,
  RevisionOutOfSync,
  RevisionUnavailable,
  SystemUnavailable,
} from "./failure.ts";
import type { Job, Outcome } from "./job.ts";
import type { StandardSchema } from "./standard-schema.ts";

type WayJob = Job<{ readonly way: string }, unknown, unknown>;

/** One way to end. */
export interface Way {
  /** Without `(Lambda request …)` at the end of a message. */
  readonly report: string;
  readonly run: (job: WayJob) => Outcome | undefined | Promise<Outcome | undefined>;
  /** Is left to come to its deadline. */
  readonly isLate?: true;
  /** Is run by a function that is not declared resumable. */
  readonly isPlain?: true;
}

const never = () => new Promise<undefined>(() => {});
const nothing = (): undefined => undefined;
const raise = (error: unknown) => (): never => {
  throw error;
};
const named = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });

/** Long enough to be cut, and a character of two units stands where the cut falls. */
const LONG = "🚀".repeat(3000);

const REFUSED = "has parameters that are refused";

export const WAYS: Readonly<Record<string, Way>> = {
  "ends without a word": { run: nothing, report: "Succeeded" },
  "returns a success": { run: (job) => job.succeed(), report: "Succeeded" },
  "succeeds with variables": {
    run: (job) => job.succeed({ variables: { Rows: "42" }, summary: "fine" }),
    report: 'Succeeded {"Rows":"42"}',
  },
  "says success without returning it": {
    run: async (job) => {
      job.succeed({ variables: { Said: "yes" } });
      return nothing();
    },
    report: 'Succeeded {"Said":"yes"}',
  },
  "throws an error": { run: raise(new Error("no luck")), report: "Failed JobFailed: no luck" },
  "throws a TypeError": {
    run: raise(new TypeError("x is not a function")),
    report: "Failed JobFailed: TypeError: x is not a function",
  },
  "throws a text": { run: raise("plain words"), report: "Failed JobFailed: plain words" },
  "throws undefined": { run: raise(undefined), report: "Failed JobFailed: undefined was thrown without a message." },
  "throws what cannot be looked at": {
    run: raise(
      new Proxy(
        {},
        {
          get() {
            throw new Error("do not look");
          },
        },
      ),
    ),
    report: "Failed JobFailed: An object was thrown without a message.",
  },
  "throws an error without a message": {
    run: raise(new Error("")),
    report: "Failed JobFailed: Error was thrown without a message.",
  },
  "rejects its promise": { run: () => Promise.reject(new Error("rejected")), report: "Failed JobFailed: rejected" },
  "throws JobFailed": { run: raise(new JobFailed("3 checks failed")), report: "Failed JobFailed: 3 checks failed" },
  "throws ConfigurationError": {
    run: raise(new ConfigurationError("no table")),
    report: "Failed ConfigurationError: no table",
  },
  "throws PermissionError": { run: raise(new PermissionError("may not")), report: "Failed PermissionError: may not" },
  "throws RevisionOutOfSync": {
    run: raise(new RevisionOutOfSync("too old")),
    report: "Failed RevisionOutOfSync: too old",
  },
  "throws RevisionUnavailable": {
    run: raise(new RevisionUnavailable("gone")),
    report: "Failed RevisionUnavailable: gone",
  },
  "throws SystemUnavailable": { run: raise(new SystemUnavailable("down")), report: "Failed SystemUnavailable: down" },
  "wraps a failure that is known": {
    run: raise(new Error("outer", { cause: new PermissionError("inner") })),
    report: "Failed PermissionError: outer",
  },
  "a call is denied": {
    run: raise(named("AccessDeniedException", "User is not authorized", { $metadata: { httpStatusCode: 400 } })),
    report: "Failed PermissionError: AccessDeniedException: User is not authorized",
  },
  "a call is refused with status 403": {
    run: raise(Object.assign(new Error("no"), { response: { status: 403 } })),
    report: "Failed PermissionError: no",
  },
  "a call is throttled": {
    run: raise(named("ThrottlingException", "Rate exceeded", { $metadata: { httpStatusCode: 400 } })),
    report: "Failed SystemUnavailable: ThrottlingException: Rate exceeded",
  },
  "a service is down": {
    run: raise(named("Whatever", "try later", { $metadata: { httpStatusCode: 503 } })),
    report: "Failed SystemUnavailable: Whatever: try later",
  },
  "a call of the SDK v2 is denied": {
    run: raise(Object.assign(new Error("Access Denied"), { code: "AccessDenied", statusCode: 403 })),
    report: "Failed PermissionError: Access Denied",
  },
  "a call takes too long": {
    run: raise(named("TimeoutError", "Connection timed out after 1000 ms")),
    report: "Failed SystemUnavailable: TimeoutError: Connection timed out after 1000 ms",
  },
  "all of several ways are denied": {
    run: raise(new AggregateError([named("ExpiredToken", "expired")], "no way worked")),
    report: "Failed PermissionError: AggregateError: no way worked",
  },
  "a connection is refused": {
    run: raise(new TypeError("fetch failed", { cause: Object.assign(new Error(""), { code: "ECONNREFUSED" }) })),
    report: "Failed SystemUnavailable: TypeError: fetch failed",
  },
  "a promise that nobody awaits is rejected": {
    run: () => {
      Promise.reject(new Error("forgotten"));
      return never();
    },
    report: "Failed JobFailed: An error that nobody handled: forgotten",
  },
  "a callback throws": {
    run: () => {
      setImmediate(raise(named("ThrottlingException", "in a callback")));
      return never();
    },
    report: "Failed SystemUnavailable: An error that nobody handled: ThrottlingException: in a callback",
  },
  "calls process.exit": {
    run: () => process.exit(3),
    report: "Failed JobFailed: An error that nobody handled: process.exit(3) was called before the job was reported.",
  },
  "calls process.exit, and catches what that throws": {
    run: () => {
      try {
        process.exit();
      } catch {
        return never();
      }
    },
    report: "Failed JobFailed: An error that nobody handled: process.exit(0) was called before the job was reported.",
  },
  "fails by its own word": {
    run: (job) => job.fail("no table", "ConfigurationError"),
    report: "Failed ConfigurationError: no table",
  },
  "fails, and then throws": {
    run: (job) => {
      job.fail("the reason");
      throw new Error("the consequence");
    },
    report: "Failed JobFailed: the reason",
  },
  "succeeds, and then throws": {
    run: (job) => {
      job.succeed();
      throw new Error("after all, no");
    },
    report: "Failed JobFailed: after all, no",
  },
  "says two things": {
    run: (job) => {
      job.succeed();
      return job.succeed({ summary: "again" });
    },
    report: "Failed JobFailed: job.succeed was called after job.succeed; the first word counts.",
  },
  "fails at length": { run: raise(new Error(LONG)), report: "Failed JobFailed: 🚀…" },
  "names a variable badly": {
    run: (job) => job.succeed({ variables: { "a b": "1" } }),
    report: 'Failed JobFailed: The output variable "a b" has a name beyond A-Z, a-z, 0-9, @, - and _.',
  },
  "gives a variable that is no text": {
    run: (job) => job.succeed({ variables: { Rows: 42 as unknown as string } }), // as a program without types would
    report: 'Failed JobFailed: The output variable "Rows" is not a text but number.',
  },
  "gives too many variables": {
    run: (job) => job.succeed({ variables: { Big: "x".repeat(122_878) } }),
    report: "Failed JobFailed: The output variables have 122881 bytes; CodePipeline takes at most 122880.",
  },
  "gives a revision that is too long": {
    run: (job) => job.succeed({ revision: { revision: "r", changeIdentifier: "c".repeat(101) } }),
    report: "Failed JobFailed: The revision's changeIdentifier has 101 characters; CodePipeline takes at most 100.",
  },
  "asks for an input that is not declared": {
    run: async (job) => void (await job.input("Nothing").extract()) as undefined,
    report: "Failed ConfigurationError: The action declares no input artifact 'Nothing'; it declares 'Source'.",
  },
  "asks for a file that is not there": {
    run: async (job) => void (await job.input("Source").text("readmee.txt")) as undefined,
    report: "Failed ConfigurationError: The input artifact 'Source' has no file 'readmee.txt'. It has 'readme.txt'.",
  },
  "writes an output, forgetting to wait, of a bad name": {
    run: (job) => {
      job.output("Report").addText("../x", "evil");
      return nothing();
    },
    report: "Failed JobFailed: InvalidZip: entry '../x' leads out of its folder: its name is absolute or contains '..'",
  },
  "continues, and succeeds": {
    run: async (job) =>
      job.continuation ? job.succeed({ variables: { Went: "on" } }) : await job.continue({ page: 2 }),
    report: 'Continued {"page":2}, Succeeded {"Went":"on"}',
  },
  "continues without waiting for it": {
    run: (job) => {
      if (!job.continuation) void job.continue({ page: 2 });
      return nothing();
    },
    report: 'Continued {"page":2}, Succeeded',
  },
  "continues with what JSON cannot tell": {
    run: async (job) => await job.continue(undefined),
    report: "Failed JobFailed: A state to continue with must be JSON.",
  },
  "never ends": {
    isLate: true,
    run: never,
    report:
      "Failed JobFailed: The function's timeout came before the job had ended. Give it a longer one, or call job.save more often: nothing was saved since it began.",
  },
  "is not resumable, and does not end": {
    isLate: true,
    isPlain: true,
    run: async (job) => {
      await job.save({ page: 1 });
      return await never();
    },
    report:
      "Failed JobFailed: The function's timeout came before the job had ended. Give it a longer one, or declare the job resumable and call job.save.",
  },
  "saves, and does not end": {
    isLate: true,
    run: async (job) => {
      if (job.continuation) return job.succeed({ variables: { From: JSON.stringify(job.continuation) } });
      await job.save({ page: 1 });
      await job.save({ page: 7 });
      return await never();
    },
    report: 'Continued {"page":7}, Succeeded {"From":"{\\"page\\":7}"}',
  },
  [REFUSED]: {
    run: nothing,
    report: 'Failed ConfigurationError: UserParameters "{\\"way\\":5}" cannot be used: way: expected a text',
  },
};

/** A schema by hand: `{ way: <text> }`. */
const parameters: StandardSchema<unknown, { readonly way: string }> = {
  "~standard": {
    version: 1,
    vendor: "by-hand",
    validate(value) {
      const way = typeof value === "object" && value !== null && "way" in value ? value.way : undefined;
      return typeof way === "string" ? { value: { way } } : { issues: [{ message: "expected a text", path: ["way"] }] };
    },
  },
};

const definition = {
  parameters,
  deadlineMarginMs: 500,
  run: (job: WayJob) => WAYS[job.parameters.way]?.run(job),
};

export const handler = defineJob({ ...definition, resumable: true });

/** The same, but not resumable. */
export const plain = defineJob(definition);

/**
 * What becomes of a way in a function that has only the SDK, and reports success at its end, as most do; undefined where
 * the way needs the toolkit.
 */
export function withSdkAlone(way: string): "reports success" | "hangs" | undefined {
  const { run, report } = WAYS[way] ?? {};
  if (run?.length !== 0) return undefined;
  return report === "Succeeded" || way === REFUSED ? "reports success" : "hangs";
}

/** The parameters of a row. */
export const parametersOf = (way: string) => ({ way: way === REFUSED ? 5 : way });
