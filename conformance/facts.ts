import { ACCOUNT_FACTS } from "./facts/accounts.ts";
import { ACTION_TYPE_FACTS } from "./facts/action-types.ts";
import { ARTIFACT_FACTS } from "./facts/artifacts.ts";
import { JOB_FACTS } from "./facts/jobs.ts";
import { LAMBDA_ACTION_FACTS } from "./facts/lambda-action.ts";
import { WIRE_FACTS } from "./facts/wire.ts";
import { WORKER_JOB_FACTS } from "./facts/worker-jobs.ts";

/*
 * What a client or a function can see of jobs, of the Lambda action and of artifacts, one fact at a time: whence it is
 * known, and which tests prove it here. `facts.test.ts` holds the tests that are named to be there, and the table in
 * `docs/compatibility.md` to be what `write-facts.ts` makes of this list.
 */

/** A test by its file, without `.test.ts`, and its title: `kms: the AWS CLI makes a key and finds it`. */
export type TestName = `${string}: ${string}`;

export type Fact = {
  /** The part of the list, and two numbers: `3.3.2`. */
  readonly id: string;
  readonly says: string;
  /** A public page, or whose observation it is. */
  readonly source: string;
} & (
  | { readonly state: "proven"; readonly tests: readonly TestName[] }
  /** Nobody is known to have seen what the service does: it is what Penstock does that the tests prove. */
  | { readonly state: "our choice"; readonly tests: readonly TestName[] }
  | { readonly state: "not yet"; readonly missing: string }
);

/** Facts of one subject, in the order of their ids. */
export interface FactPart {
  readonly title: string;
  readonly facts: readonly Fact[];
}

export const FACT_PARTS: readonly FactPart[] = [
  WIRE_FACTS,
  JOB_FACTS,
  WORKER_JOB_FACTS,
  ACCOUNT_FACTS,
  LAMBDA_ACTION_FACTS,
  ARTIFACT_FACTS,
  ACTION_TYPE_FACTS,
];

/** The tests that a fact names. */
export const testsOfFact = (fact: Fact): readonly TestName[] => (fact.state === "not yet" ? [] : fact.tests);

/** The file that a test is in. */
export const fileOf = (test: TestName): string => test.slice(0, test.indexOf(": "));

/** Every file that has tests of facts. */
export const FACT_FILES: readonly string[] = FACT_PARTS.flatMap(({ facts }) => facts.flatMap(testsOfFact).map(fileOf));
