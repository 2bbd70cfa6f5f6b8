/** Holding a parsed file against its schema, with complaints that name place, key and what would be right. */
import type { BaseIssue, GenericSchema, InferOutput } from "valibot";
import { safeParse } from "valibot";
import { inputWrong } from "../failure.ts";
import { suggestion } from "../nearest.ts";
import { keysAt, listForMap } from "./schema-walk.ts";
import type { Path, Places, SourceText } from "./source-text.ts";

/** More complaints than this are not shown at once. */
const COMPLAINTS_MAX = 5;

/** Throws a `Failure` (exit status 2) with one line for each complaint. */
export async function validate<S extends GenericSchema>(schema: S, source: SourceText): Promise<InferOutput<S>> {
  if (source.value === null || source.value === undefined) {
    throw inputWrong(`${source.file} is empty`, `It may have these keys: ${keysAt(schema, [], undefined).join(", ")}.`);
  }
  const list = listForMap(schema, source.value);
  if (list)
    throw inputWrong(`${(await source.places()).place(list)}: ${shown(list)} must be a map, not a list`, CORRECT_IT);
  const result = safeParse(schema, source.value);
  if (result.success) return result.output;
  const places = await source.places();
  const issues = result.issues.slice(0, COMPLAINTS_MAX);
  const [first, ...rest] = issues.map((issue) => complaint(schema, source.value, places, issue));
  // Valibot answers at least one issue when it does not succeed.
  const { message, remedy } = first ?? { message: `${source.file} is not right`, remedy: "" };
  throw inputWrong(
    [message, ...rest.map((other) => `${other.message}${other.remedy && ` (${other.remedy})`}`)].join("\n"),
    remedy,
  );
}

const CORRECT_IT = "Correct it in the file.";

interface Complaint {
  readonly message: string;
  readonly remedy: string;
}

function complaint(schema: GenericSchema, value: unknown, places: Places, issue: BaseIssue<unknown>): Complaint {
  const path = pathOf(issue);
  const parent = path.slice(0, -1);
  const key = String(path.at(-1) ?? "");
  if (issue.type === "strict_object" && issue.expected === "never") {
    const keys = keysAt(schema, parent, value);
    return {
      message: `${places.place(path, "key")}: unknown key "${key}"${inside(parent)}`,
      remedy: suggestion(key, keys),
    };
  }
  if (issue.input === undefined && issue.kind === "schema") {
    return { message: `${places.place(parent)}: "${key}" is missing${inside(parent)}`, remedy: `Add ${key}: to it.` };
  }
  const rule = issue.kind === "validation" ? issue.message : `must be ${wanted(issue)}, not ${kindOf(issue.input)}`;
  return { message: `${places.place(path)}: ${shown(path)} ${rule}`, remedy: remedyFor(issue) };
}

function pathOf(issue: BaseIssue<unknown>): Path {
  return (issue.path ?? []).flatMap(({ key }) => (typeof key === "string" || typeof key === "number" ? [key] : []));
}

/** The service's way to write a place: `stages[0].actions[1].name`. */
function shown(path: Path): string {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return text.replace(/^\./, "") || "the file";
}

function inside(path: Path): string {
  return path.length === 0 ? "" : ` in ${shown(path)}`;
}

/** What a schema wants, in words. Values are not shown: some are secrets. */
function wanted(issue: BaseIssue<unknown>): string {
  const words: Readonly<Record<string, string>> = {
    string: "a string",
    number: "a number",
    boolean: "true or false",
    array: "a list",
    record: "a map",
    strict_object: "a map",
    picklist: `one of ${issue.expected ?? ""}`,
  };
  return (
    words[issue.type] ?? (issue.expected ?? "something else").replaceAll("Array", "list").replaceAll("Object", "map")
  );
}

function kindOf(input: unknown): string {
  if (input === null) return "empty";
  if (Array.isArray(input)) return "a list";
  return typeof input === "object"
    ? "a map"
    : typeof input === "string"
      ? "another string"
      : `the ${typeof input} ${input}`;
}

function remedyFor(issue: BaseIssue<unknown>): string {
  const scalar = typeof issue.input === "number" || typeof issue.input === "boolean";
  return issue.type === "string" && scalar ? `Put it in quotes: "${issue.input}".` : CORRECT_IT;
}
