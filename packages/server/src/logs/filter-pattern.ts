/**
 * Filter patterns for text: terms that must all be there, `?terms` of which one must, `-terms` that must not.
 *
 * Source: CloudWatch Logs user guide, "Filter pattern syntax". Terms match by letters and case, also within a word,
 * which is our choice: the guide speaks of words and does not say where they end.
 */
export type MessageFilter = (message: string) => boolean;

/** Why a pattern is not accepted. */
export interface PatternProblem {
  readonly problem: string;
}

const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)/y;
const SPACE = /\s*/y;
/** Terms with any other character must be quoted. */
const PLAIN = /^[\p{L}\p{N}_]+$/u;

/** Most terms of one pattern; its length is bounded by the model. */
const TERMS_COUNT_MAX = 128;

/** Makes a filter of a pattern. No pattern, and one of spaces only, lets everything pass: it needs no filter. */
export function toFilter(pattern = ""): MessageFilter | PatternProblem | undefined {
  const text = pattern.trim();
  if (text === "" || text === '""') return undefined;
  const kind = kindOf(text);
  if (kind)
    return { problem: `${kind} are not supported by Penstock; terms, "quoted phrases", ?either ?or and -without are.` };
  const terms = toTerms(text);
  return "problem" in terms ? terms : filterOf(terms);
}

function kindOf(text: string): string | undefined {
  if (text.startsWith("{")) return "Filter patterns for JSON, { … },";
  if (text.startsWith("[")) return "Filter patterns for columns, [ … ],";
  if (text.startsWith("%")) return "Regular expressions, %…%,";
  return undefined;
}

interface Terms {
  readonly all: string[];
  readonly some: string[];
  readonly none: string[];
}

function toTerms(text: string): Terms | PatternProblem {
  const terms: Terms = { all: [], some: [], none: [] };
  let count = 0;
  for (let at = 0; at < text.length; at = skipSpace(text, TERM.lastIndex)) {
    TERM.lastIndex = at;
    const match = TERM.exec(text);
    const [, sign = "", quoted, plain = ""] = match ?? [];
    if (!match || (quoted === undefined && !PLAIN.test(plain)) || quoted === "") return invalidTerm(text, at);
    if (++count > TERMS_COUNT_MAX) return { problem: "Invalid filter pattern: too many terms" };
    const list = sign === "?" ? terms.some : sign === "-" ? terms.none : terms.all;
    list.push(quoted?.replace(/\\(.)/g, "$1") ?? plain);
  }
  return terms;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}

/** Source: the service's text, as users report it. */
function invalidTerm(text: string, at: number): PatternProblem {
  return { problem: `Invalid filter pattern: Invalid character(s) in term '${text.slice(at).split(/\s/, 1)[0]}'` };
}

/** Beside terms that must be there, those of which one must have no say. Source: the user guide, as above. */
function filterOf({ all, some, none }: Terms): MessageFilter {
  return (message) =>
    all.every((term) => message.includes(term)) &&
    (all.length > 0 || some.length === 0 || some.some((term) => message.includes(term))) &&
    !none.some((term) => message.includes(term));
}
