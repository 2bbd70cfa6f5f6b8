import type { FactPart, TestName } from "../facts.ts";
import { choice, proven } from "./state.ts";

const GUIDE = "user guide, Create a pipeline that uses resources from another account";
const EVALUATION = "IAM user guide, Cross-account policy evaluation logic";
const WORKS: TestName =
  "across-accounts: an action with a role of account B calls B's function, and its artifacts are in A's bucket under A's key";
const DENIED: TestName =
  "across-accounts: without %s the action is denied, and the refusal and why name the policy that lacks it";

/** Pipelines that reach into another account. */
export const ACCOUNT_FACTS: FactPart = {
  title: "Across accounts",
  facts: [
    proven(
      "4.2.1",
      "An action's `roleArn` may be of another account: the action calls that account's function, and the job stays the pipeline's.",
      GUIDE,
      WORKS,
    ),
    proven(
      "4.2.2",
      "The pipeline's role must be allowed to assume it, by its own policy and by that role's trust; else `InvalidStructureException` `<role> is not authorized to perform AssumeRole on role <role>`.",
      `${GUIDE}; users' reports of CreatePipeline and UpdatePipeline`,
      "across-accounts: CreatePipeline wants the pipeline's role to be allowed to assume the action's, and says so",
    ),
    choice(
      "4.2.3",
      "Where the pipeline's role may not assume it any more when the action starts, the action fails with `PermissionError` and IAM's text.",
      DENIED,
    ),
    proven(
      "4.2.4",
      "What is of another account is reached when the caller's own policy allows it and the resource's names the caller: buckets, keys, functions, roles. Each of the two is needed.",
      EVALUATION,
      WORKS,
      DENIED,
    ),
    proven(
      "4.2.5",
      "Without a key of its own the store's artifacts are closed to other accounts: the key that AWS manages for S3 lets only its own account in.",
      GUIDE,
      "across-accounts: without a key of its own the store is under A's key for S3, which B cannot use whatever policies say",
    ),
    proven(
      "4.2.6",
      "A job's credentials are limited to its own artifacts also in the account of their role, and the job's `accountId` is the pipeline's.",
      "observed, native capture; API reference, JobDetails",
      "across-accounts: a job's credentials read none of another account's objects, though its role may",
      "across-accounts: a job is known in its pipeline's account alone: a result from another finds no job",
      WORKS,
    ),
    proven(
      "4.2.7",
      "Names are each account's own, but for those of buckets, which all accounts share.",
      "user guides of the services",
      "across-accounts: what is of one account is not there for another",
      "across-accounts: a bucket's name is taken for every account, and another's bucket is shut",
    ),
  ],
};
