import type { Path } from "../project/source-text.ts";

/** `error`: it cannot work. `warning`: it may not, or something is left over. `note`: it cannot be told from here. */
export type Severity = "error" | "warning" | "note";

/** One thing that a check before a run found. */
export interface Finding {
  readonly severity: Severity;
  /** What was checked; stays the same when words change. */
  readonly check: CheckName;
  /** Absent for what concerns no single action. */
  readonly action?: ActionPlace;
  readonly message: string;
  /** What to do, in one line; a statement stands by itself. */
  readonly remedy: string;
  /** Ready to paste into the policy that it names. */
  readonly statement?: MissingStatement;
  /** Where in the pipeline's file or in penstock.yaml; of an action, unless said otherwise, the action itself. */
  readonly at?: { readonly file: "pipeline" | "penstock"; readonly path: Path };
}

export interface ActionPlace {
  readonly stage: string;
  readonly action: string;
}

export interface MissingStatement {
  /** Such as `role demo-pipeline`, `bucket demo-artifacts` or `key alias/artifacts`. */
  readonly policyOf: string;
  /** Several where nothing of a role is known: the least that it needs. */
  readonly statement: Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[];
}

export type CheckName =
  | "definition"
  | "supplies"
  | "functionDeclared"
  | "functionCode"
  | "functionElsewhere"
  | "policyDocument"
  | "reportResults"
  | "ownRights"
  | "invokeFunction"
  | "readArtifact"
  | "writeArtifact"
  | "readSource"
  | "deploy"
  | "notRun"
  | "useKey"
  | "trust"
  | "roleDeclared"
  | "variableKnown"
  | "variableBreaksJson"
  | "valueLength"
  | "outputUsed"
  | "roleUsed"
  | "functionUsed";

/** What a check gives of one problem, and the action that it is about. */
export function about(action: ActionPlace, finding: Omit<Finding, "action">): Finding {
  return { ...finding, action };
}
