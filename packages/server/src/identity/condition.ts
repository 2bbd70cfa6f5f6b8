import { BlockList, isIPv4, isIPv6 } from "node:net";
import { InvariantError } from "../wire/error.ts";
import type { ConditionValue } from "./identity.ts";
import { type ConditionKeys, compilePattern, fill, matches, matchesArn, type Pattern } from "./wildcard.ts";

/** One condition, ready to be asked. */
export type Check = (keys: ConditionKeys) => boolean;

/** How one operator compares: what the policy wants is read once, unless it holds variables. */
interface Comparison {
  readonly wildcards?: boolean;
  readonly variables?: boolean;
  readonly test: (wanted: string) => (value: string) => boolean;
}

const text: Comparison = { variables: true, test: (wanted) => (value) => value === wanted };
const textIgnoringCase: Comparison = {
  variables: true,
  test: (wanted) => {
    const lower = wanted.toLowerCase();
    return (value) => value.toLowerCase() === lower;
  },
};
const pattern: Comparison = { variables: true, wildcards: true, test: (wanted) => (value) => matches(wanted, value) };
const arn: Comparison = { variables: true, wildcards: true, test: (wanted) => (value) => matchesArn(wanted, value) };
const number = compareAs(toNumber);
const date = compareAs(toTime);

/** Every operator without its suffix and prefix; those that negate have a `!`. */
const OPERATORS: Readonly<Record<string, Comparison | { readonly not: Comparison }>> = {
  StringEquals: text,
  StringNotEquals: { not: text },
  StringEqualsIgnoreCase: textIgnoringCase,
  StringNotEqualsIgnoreCase: { not: textIgnoringCase },
  StringLike: pattern,
  StringNotLike: { not: pattern },
  ArnEquals: arn,
  ArnNotEquals: { not: arn },
  ArnLike: arn,
  ArnNotLike: { not: arn },
  NumericEquals: number((value, wanted) => value === wanted),
  NumericNotEquals: { not: number((value, wanted) => value === wanted) },
  NumericLessThan: number((value, wanted) => value < wanted),
  NumericLessThanEquals: number((value, wanted) => value <= wanted),
  NumericGreaterThan: number((value, wanted) => value > wanted),
  NumericGreaterThanEquals: number((value, wanted) => value >= wanted),
  DateEquals: date((value, wanted) => value === wanted),
  DateNotEquals: { not: date((value, wanted) => value === wanted) },
  DateLessThan: date((value, wanted) => value < wanted),
  DateLessThanEquals: date((value, wanted) => value <= wanted),
  DateGreaterThan: date((value, wanted) => value > wanted),
  DateGreaterThanEquals: date((value, wanted) => value >= wanted),
  Bool: { test: (wanted) => (value) => value.toLowerCase() === wanted.toLowerCase() },
  BinaryEquals: { test: (wanted) => (value) => Buffer.from(value, "base64").equals(Buffer.from(wanted, "base64")) },
  IpAddress: { test: insideRange },
  NotIpAddress: { not: { test: insideRange } },
};

const OPERATOR_NAME = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/** Says whether IAM knows an operator, such as `ForAnyValue:StringLikeIfExists`. */
export function isConditionOperator(name: string): boolean {
  const [, , base = "", ifExists] = OPERATOR_NAME.exec(name) ?? [];
  return base === "Null" ? ifExists === undefined : Object.hasOwn(OPERATORS, base);
}

/** Compiles one operator with one key. The name must be one that `isConditionOperator` accepts. */
export function compileCondition(name: string, key: string, wanted: ConditionValue, variables: boolean): Check {
  const [, quantifier, base = "", ifExists] = OPERATOR_NAME.exec(name) ?? [];
  const keyLower = key.toLowerCase();
  const texts = (Array.isArray(wanted) ? wanted : [wanted]).map(String);
  if (base === "Null") {
    return (keys) => texts.some((expected) => expected.toLowerCase() === String(isMissing(keys(keyLower))));
  }
  const operator = OPERATORS[base];
  // Documents are checked before they get here; to guess would open what a deny meant to shut.
  if (!operator) throw new InvariantError(`No condition operator is called ${name}.`);
  const negated = "not" in operator;
  const matchesOne = compileValues(negated ? operator.not : operator, texts, variables);
  return (keys) => {
    const values = asList(keys(keyLower));
    if (values.length === 0) return ifExists !== undefined || quantifier === "ForAllValues" || (negated && !quantifier);
    const holds = (value: string) => matchesOne(value, keys) !== negated;
    // Without a quantifier a negated operator must hold for every value of the request.
    return quantifier === "ForAllValues" || (negated && !quantifier) ? values.every(holds) : values.some(holds);
  };
}

function compileValues(comparison: Comparison, texts: readonly string[], withVariables: boolean) {
  const options = {
    variables: withVariables && comparison.variables === true,
    wildcards: comparison.wildcards === true,
  };
  const patterns: readonly Pattern[] = texts.map((wanted) => compilePattern(wanted, options));
  const fixed = patterns.filter((each) => typeof each === "string").map(comparison.test);
  const open = patterns.filter((each) => typeof each !== "string");
  return (value: string, keys: ConditionKeys): boolean =>
    fixed.some((test) => test(value)) ||
    open.some((each) => {
      const filled = fill(each, keys);
      return filled !== undefined && comparison.test(filled)(value);
    });
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

function isMissing(value: string | readonly string[] | undefined): boolean {
  return asList(value).length === 0;
}

/** Comparisons with NaN are false, so a value that cannot be read meets nothing. */
function compareAs(read: (text: string) => number) {
  return (compare: (value: number, wanted: number) => boolean): Comparison => ({
    test: (wantedText) => {
      const wanted = read(wantedText);
      return (value) => compare(read(value), wanted);
    },
  });
}

function toNumber(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

/** Dates are ISO 8601 or epoch seconds. */
function toTime(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function insideRange(range: string): (address: string) => boolean {
  const [base = "", bits] = range.split("/");
  const family = isIPv4(base) ? "ipv4" : isIPv6(base) ? "ipv6" : undefined;
  const prefix = bits === undefined ? (family === "ipv4" ? 32 : 128) : toNumber(bits);
  if (!family || !(prefix >= 0 && prefix <= (family === "ipv4" ? 32 : 128))) return () => false;
  const list = new BlockList();
  list.addSubnet(base, prefix, family);
  return (address) => (isIPv4(address) || isIPv6(address)) && list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}
