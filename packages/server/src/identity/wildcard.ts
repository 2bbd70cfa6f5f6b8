/**
 * Patterns of IAM: `*` stands for any run of characters, `?` for one, and `${name}` for a value of the
 * request. A compiled pattern uses two private characters for the wildcards, so that a literal star
 * (`${*}`, or one inside a variable's value) can never act as one.
 */

const ANY = "\uE000";
const ONE = "\uE001";

/** A pattern without variables is a string; one with variables is filled for each request. */
export type Pattern = string | readonly PatternPart[];
type PatternPart = string | { readonly name: string; readonly fallback: string | undefined };

/** Answers the values of a condition key or variable, by its name in lower case. */
export type ConditionKeys = (name: string) => string | readonly string[] | undefined;

export interface PatternOptions {
  /** Only policies of version 2012-10-17 have variables. */
  readonly variables: boolean;
  readonly wildcards: boolean;
}

const VARIABLE = /\$\{([^{}]*)\}/g;

/** Reads a pattern as a policy writes it. */
export function compilePattern(text: string, { variables, wildcards }: PatternOptions): Pattern {
  const plain = (part: string) => (wildcards ? part.replaceAll("*", ANY).replaceAll("?", ONE) : part);
  if (!variables || !text.includes("${")) return plain(text);
  const parts: PatternPart[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    parts.push(plain(text.slice(end, match.index)), variable(match[1] ?? ""));
    end = match.index + match[0].length;
  }
  parts.push(plain(text.slice(end)));
  return parts.every((part) => typeof part === "string") ? parts.join("") : parts;
}

function variable(inside: string): PatternPart {
  if (inside === "*" || inside === "?" || inside === "$") return inside;
  const comma = inside.indexOf(",");
  if (comma < 0) return { name: inside.trim().toLowerCase(), fallback: undefined };
  const fallback = inside.slice(comma + 1).trim();
  return { name: inside.slice(0, comma).trim().toLowerCase(), fallback: fallback.replace(/^'(.*)'$/, "$1") };
}

/** Puts the request's values in; nothing when a variable has none, because then the pattern matches nothing. */
export function fill(pattern: Pattern, keys: ConditionKeys): string | undefined {
  if (typeof pattern === "string") return pattern;
  let filled = "";
  for (const part of pattern) {
    const value = typeof part === "string" ? part : (single(keys(part.name)) ?? part.fallback);
    if (value === undefined) return undefined;
    filled += value;
  }
  return filled;
}

/** A variable has no meaning for a key with many values. */
function single(value: string | readonly string[] | undefined): string | undefined {
  if (typeof value === "string") return value;
  return value?.length === 1 ? value[0] : undefined;
}

/**
 * Compares a filled pattern with a text. On a mismatch only the last star is stretched, so the cost is at
 * most the product of both lengths, whatever the pattern.
 */
export function matches(pattern: string, text: string): boolean {
  if (pattern === ANY) return true;
  let p = 0;
  let t = 0;
  let star = -1; // where the last star was, and up to where it reaches
  let reach = 0;
  while (t < text.length) {
    const wanted = pattern[p];
    if (wanted === ANY) {
      star = p++;
      reach = t;
    } else if (wanted !== undefined && (wanted === ONE || wanted === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++reach;
    } else {
      return false;
    }
  }
  while (pattern[p] === ANY) p++;
  return p === pattern.length;
}

/** Compares ARNs: each of the first five parts on its own, the rest as one. */
export function matchesArn(pattern: string, arn: string): boolean {
  const wanted = arnParts(pattern);
  const parts = arnParts(arn);
  if (wanted.length !== parts.length) return pattern === ANY;
  return wanted.every((part, index) => matches(part, parts[index] ?? ""));
}

const ARN_PARTS = 6;

function arnParts(arn: string): readonly string[] {
  const parts = arn.split(":");
  return parts.length <= ARN_PARTS ? parts : [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(":")];
}
