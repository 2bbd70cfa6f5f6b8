import type { PolicyText } from "../project/project.ts";

/** One statement of an identity policy, as we write them: a name, and lists. */
export interface NeededStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A role, and all that it needs. */
export interface NeededRole {
  readonly name: string;
  /** IAM path with both slashes, such as `/service-role/`. */
  readonly path: string;
  /** Such as `the pipeline`, or `functions a and b`. */
  readonly uses: string;
  readonly trust: PolicyText;
  readonly statements: readonly NeededStatement[];
}

/** What a derivation found, and what it could not know. */
export interface NeededRoles {
  readonly roles: readonly NeededRole[];
  readonly notes: readonly string[];
}

/** Statements as a document of IAM. */
export function policyOf(statements: readonly NeededStatement[]) {
  return { Version: "2012-10-17", Statement: statements } as const;
}

/** Nothing for an empty list: a statement without actions or resources is none. */
export function statement(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  condition?: NeededStatement["Condition"],
): readonly NeededStatement[] {
  if (actions.length === 0 || resources.length === 0) return [];
  return [
    {
      Sid: sid,
      Effect: "Allow",
      Action: [...new Set(actions)].sort(),
      Resource: [...new Set(resources)].sort(),
      ...(condition && { Condition: condition }),
    },
  ];
}
