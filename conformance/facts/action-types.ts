import type { FactPart } from "../facts.ts";
import { choice, proven } from "./state.ts";

const CREATE = "API reference, CreateCustomActionType";
const CUSTOM = "user guide, Create a custom action";
const PARTNER = "user guide, Integration model reference";
const PROBED = "observed, probe";

/** Action types of customers and partners, and what is seen of their actions. */
export const ACTION_TYPE_FACTS: FactPart = {
  title: "Action types of customers and partners",
  facts: [
    proven(
      "18.0.1",
      "CreateCustomActionType answers the type with the owner `Custom`, and its tags.",
      CUSTOM,
      "custom-action-types: the reply has the type as it was declared, with its owner and its tags",
    ),
    proven(
      "18.0.2",
      "More artifacts at least than at most, and a queryable property that is secret or optional, are refused in the service's words.",
      PROBED,
      "custom-action-types: %s is refused, in the service's words",
    ),
    proven(
      "18.0.3",
      "A deleted version of a type comes back only as it was.",
      "API reference, DeleteCustomActionType",
      "custom-action-types: a deleted version comes back as it was, and only so",
    ),
    proven(
      "18.0.4",
      "ListActionTypes has the service's own types and the registered ones, and filters by owner and region.",
      "API reference, ListActionTypes",
      "custom-action-types: the list has custom types and the service's own, and can be had by owner and region",
    ),
    proven(
      "18.0.5",
      "A pipeline with a custom type that is not registered is refused, with the type and the region in the service's own form.",
      PROBED,
      "custom-action-types: a pipeline with a type that is not registered is refused, in the service's words",
    ),
    proven(
      "18.0.6",
      "A pipeline is held against the type's properties and its numbers of artifacts.",
      `${CREATE}; ${CUSTOM}`,
      "custom-action-types: in a pipeline, %s is refused",
      "custom-action-types: in a pipeline, more artifacts than the type takes are refused",
    ),
    proven(
      "18.0.7",
      "Of a type with a queryable property a worker must ask for one value, and gets the jobs of that alone.",
      "API reference, PollForJobs",
      "poll-for-jobs: of a type with a queryable property, a worker gets the jobs of the value that it asks for",
      "poll-for-jobs: a query is given for a type with a queryable property, and for no other",
    ),
    proven(
      "18.0.8",
      "Secret values are shown as `****`; sent back so in an update they stay as they are.",
      "API reference, ActionConfigurationProperty",
      "custom-action: a secret value is plain in the job's data, and shown nowhere else",
      "custom-action: a secret that is sent back as it is shown keeps its value, and another one takes its place",
    ),
    proven(
      "18.0.9",
      "What a custom action's worker says of its progress is shown, with the link that the type's template makes of the external id.",
      CUSTOM,
      "custom-action: what its worker says of its progress is shown while it goes on, and what it said last when it is over",
      "custom-action: an action that never ran has its type's link, and without an external id there is none to an execution",
    ),
    proven(
      "18.0.10",
      "A custom action gets artifacts with credentials for them, and gives artifacts and variables to later actions.",
      CUSTOM,
      "custom-action: the job's credentials read the input and write the output, and nothing else",
      "custom-action: a later action gets its artifact and its variables",
    ),
    proven(
      "18.0.11",
      "A success with a token makes a new job of the same action, which is polled for as the first was.",
      CUSTOM,
      "custom-action: a success with a token makes a new job of the same action, which waits for a poll",
    ),
    choice(
      "18.0.12",
      "The revision that a worker names is shown as the action's; of a source action it is the execution's, and its artifact's.",
      "custom-action: the revision that its worker names is shown as the action's",
      "custom-action: the revision that the worker of a custom source names is the execution's, and its artifact's",
    ),
    choice(
      "18.0.13",
      "UpdateActionType registers a partner's type that is not there yet.",
      "third-party-jobs: UpdateActionType registers a type, GetActionType has it as it was given, and lists have it",
    ),
    proven(
      "18.0.14",
      "A partner's function gets a job without a wrapper, and what it returns ends the job.",
      PARTNER,
      "partner-functions: the function is given the job without a wrapper, and its action's execution id",
      "partner-functions: what it returns as a success ends the action, with variables, summary and link",
      "partner-functions: what it returns as a failure fails the action, with type and summary",
    ),
    proven(
      "18.0.15",
      "A partner's function that returns `Continue` is called again with its state, for a new job.",
      PARTNER,
      "partner-functions: it is called again with the state that it returns, as a new job of the same action",
    ),
    proven(
      "18.0.16",
      "The credentials of a partner's job also have what the type's policy says.",
      PARTNER,
      "partner-functions: its credentials read the input, write the output, and have what its type's policy says",
    ),
    proven(
      "18.0.17",
      "A partner's function must let `codepipeline.amazonaws.com` call it.",
      "user guide, Working with action types",
      "partner-functions: a function that %s fails the action at once",
    ),
    choice(
      "18.0.18",
      "A partner's function that raises, or returns what is no result, fails the action, and is not called again.",
      "partner-functions: an error that it raises fails the action, and it is not called again",
      "partner-functions: a value that is no result fails the action, and says why",
    ),
    proven(
      "18.0.19",
      "A partner's type is used by the accounts that it allows, and its jobs are polled for from those that it names.",
      "API reference, ActionTypePermissions, JobWorkerExecutorConfiguration",
      "partner-accounts: a customer that the type names uses it, and the partner's worker works on its job",
      "partner-accounts: a customer that the type does not name cannot use it; the customer's own workers cannot poll for it",
    ),
    choice(
      "18.0.20",
      "A custom action's job does not exist for another account.",
      "partner-accounts: a custom action's job does not exist for another account",
    ),
  ],
};
