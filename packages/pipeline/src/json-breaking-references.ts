import { findReferences, lookUp, type VariableReference, type VariableScope } from "./variables.ts";

/**
 * Warns when a variable's value breaks, or silently changes, the JSON that it is put into.
 *
 * UserParameters often are JSON with a reference in it: `{"message": "#{Source.CommitMessage}"}`. The service puts the
 * value in as it is, so a quote or a line break in a commit message makes the function fail far away from the cause.
 * We keep the service's behaviour and say what happened.
 *
 * `value` is the configuration value as declared, `scope` what its references stand for. Answers a text for people,
 * or undefined when all is well or the value was no JSON anyway. The text never shows a variable's value.
 */
export function jsonBreakingReferences(value: string, scope: VariableScope): string | undefined {
  const references = findReferences(value);
  if (references.length === 0 || !isJsonTemplate(value, references)) return undefined;
  const reasons = references.flatMap((reference) => {
    const found = lookUp(reference, scope);
    const reason = found === undefined ? undefined : whyBroken(found, isInsideString(value, reference, references));
    return reason ? [`${reference.reference} ${reason}`] : [];
  });
  if (reasons.length === 0) return undefined;
  return (
    `This value is JSON, and the variables put into it break or change that: ${[...new Set(reasons)].join("; ")}. ` +
    "Pass such a text on by itself, or let the action that puts it out escape it for JSON."
  );
}

/** Whether the value is an object or a list of JSON as soon as its references stand for something harmless. */
function isJsonTemplate(value: string, references: readonly VariableReference[]): boolean {
  if (!/^\s*[{[]/.test(value)) return false;
  let harmless = "";
  let from = 0;
  for (const { index, reference } of references) {
    harmless += `${value.slice(from, index)}0`; // Good as a number and within a string.
    from = index + reference.length;
  }
  return isJson(harmless + value.slice(from));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // That it does not parse is the answer.
  }
}

/** In valid JSON a place is inside a string exactly when an odd number of quotes that are not escaped stands before it. */
function isInsideString(value: string, place: VariableReference, references: readonly VariableReference[]): boolean {
  let inside = false;
  let from = 0;
  for (const { index, reference } of references) {
    for (const [token] of value.slice(from, index).matchAll(/\\.|"/gs)) if (token === '"') inside = !inside;
    if (index === place.index) break;
    from = index + reference.length;
  }
  return inside;
}

function whyBroken(found: string, insideString: boolean): string | undefined {
  if (!insideString) return isJson(found) ? undefined : "stands where JSON needs a value, and is not one";
  if (JSON.stringify(found).length === found.length + 2) return undefined; // Nothing to escape but the quotes around.
  if (found.includes('"')) return "has a double quote in it";
  if (/[\n\r]/.test(found)) return "has a line break in it";
  if (found.includes("\\")) return "has a backslash in it";
  return "has a control character in it";
}
