import { type CompiledPolicy, compilePolicy } from "../compile.ts";
import { evaluate, type Question, type Verdict } from "../evaluate.ts";
import type { PolicyStatement } from "../identity.ts";
import type { Subject } from "../principal.ts";

/*
 * A line reads: statements, each ended by `;`, then the request after `?`. A statement begins with where it
 * stands, when that is not the identity: `session`, or `bucket` with a principal. `not:` means the Not- element.
 */

/** Whose the resources of a table are. */
export const ACCOUNT = "000000000000";
/** A session of a function's role. */
export const FN = {
  type: "session",
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/fn/run`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/fn`,
  sessionName: "run",
  accessKeyId: "ASIAAAAAAAAAAAAAAAAA",
  expiresAt: 0,
} as const;
/** Who asks, by the name behind `as`; `fn` unless one is given. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  fn: FN,
  stranger: {
    ...FN,
    account: "111111111111",
    arn: "arn:aws:sts::111111111111:assumed-role/x/run",
    roleArn: "arn:aws:iam::111111111111:role/x",
  },
  "stranger's-root": {
    type: "root",
    account: "111111111111",
    arn: "arn:aws:iam::111111111111:root",
    accessKeyId: "111111111111",
  },
  root: { type: "root", account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accessKeyId: "test" },
  lambda: { type: "service", arn: "lambda.amazonaws.com", account: ACCOUNT },
};

/** Answers every line of a table anew. `expand` may write out what all its lines have in common. */
export function play(table: string, expand: (line: string) => string = (line) => line): string {
  return lines(table)
    .map(([input = ""]) => `${input} | ${tell(evaluate(toQuestion(expand(input))))}`)
    .join("\n");
}

/** A table as `play` answers it. */
export function tidy(table: string): string {
  return lines(table)
    .map((columns) => columns.join(" | "))
    .join("\n");
}

function lines(table: string): readonly (readonly string[])[] {
  const all = table.split("\n").map((line) => line.trim());
  return all.filter((line) => line !== "").map((line) => line.split(/\s+\|\s+/));
}

function tell(verdict: Verdict): string {
  return verdict.allowed ? "allowed" : `${verdict.explicit ? "denied" : "not allowed"} by ${verdict.by}`;
}

function toQuestion(line: string): Question {
  const at = line.search(/(^| )\?( |$)/);
  const statements: Record<string, PolicyStatement[]> = { identity: [], session: [], bucket: [] };
  for (const text of line.slice(0, at).split(";")) if (text.trim()) readStatement(text.trim().split(" "), statements);
  const words = line.slice(at).replace("?", "").trim().split(" ");
  const subject = SUBJECTS[words[0] === "as" ? (words.splice(0, 2)[1] ?? "") : "fn"] ?? FN;
  const [action = "", resource = "", ...pairs] = words;
  const values = new Map(pairs.map((pair) => [pair.split("=")[0]?.toLowerCase() ?? "", pair.split("=")[1] ?? ""]));
  return {
    subject,
    action,
    resource,
    resourceAccount: ACCOUNT,
    identityPolicies: [toPolicy(statements["identity"]) ?? []],
    sessionPolicy: toPolicy(statements["session"]),
    resourcePolicy: toPolicy(statements["bucket"]),
    keys: (name) => (values.get(name)?.includes(",") ? values.get(name)?.split(",") : values.get(name)),
  };
}

function toPolicy(statements: readonly PolicyStatement[] = []): CompiledPolicy | undefined {
  return statements.length === 0 ? undefined : compilePolicy({ Version: "2012-10-17", Statement: statements });
}

function readStatement(words: string[], into: Record<string, PolicyStatement[]>): void {
  const place = words[0] === "session" || words[0] === "bucket" ? (words.shift() ?? "") : "identity";
  const effect = words.shift() === "deny" ? "Deny" : "Allow";
  const principal = place === "bucket" ? element("Principal", words.shift() ?? "", toPrincipal) : {};
  const action = element("Action", words.shift() ?? "", (text) => text.split(","));
  const resource =
    words.shift() === "on" ? element("Resource", words.shift() ?? "", (text) => text.split(/,(?!')/)) : {};
  const condition: Record<string, Record<string, string[]>> = {};
  while (words.length > 1) {
    const [, operator = "", key = "", values = ""] = words.splice(0, 4);
    condition[operator] = { ...condition[operator], [key]: values.split(",") };
  }
  into[place]?.push({ Effect: effect, ...principal, ...action, ...resource, Condition: condition });
}

function element<T>(name: string, text: string, read: (text: string) => T): Record<string, T> {
  return text.startsWith("not:") ? { [`Not${name}`]: read(text.slice(4)) } : { [name]: read(text) };
}

function toPrincipal(text: string): "*" | Record<string, string[]> {
  const [type = "", names = ""] = text.split("=");
  return text === "*" ? "*" : { [type]: names.split(",") };
}
