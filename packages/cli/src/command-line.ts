/**
 * Options and help of the commands. A command declares its arguments and options once, as data; reading
 * the command line, the help text and the hints for mistyped options all come from there.
 *
 * It stands on `node:util`'s `parseArgs`, which loads within a millisecond. Commander costs six to seven,
 * a third of what `penstock invoke` may add to the run of a function.
 */
import { parseArgs } from "node:util";
import { inputWrong } from "./failure.ts";
import { nearest } from "./nearest.ts";

/** One option. `value` names its argument in the help; an option without one is a switch. */
export interface OptionDeclaration {
  readonly value?: string;
  /** The value may be left out, and only comes as `--name=VALUE`; without it, it is the empty string. */
  readonly isValueOptional?: boolean;
  readonly repeated?: boolean;
  readonly about: string;
  /** Environment variable that stands in for the option. */
  readonly environment?: string;
}

/** One command as `--help` shows it. */
export interface CommandDeclaration<O extends Readonly<Record<string, OptionDeclaration>>> {
  readonly name: string;
  readonly about: string;
  /** Such as `<pipeline file or folder>`; absent when the command takes none. */
  readonly argument?: { readonly name: string; readonly about: string; readonly isOptional?: boolean };
  readonly options: O;
  readonly examples: readonly { readonly command: string; readonly about: string }[];
  /** Paragraphs below the examples. */
  readonly more?: readonly string[];
}

/** What was given: a list for a repeated option, a string for one with a value, a boolean for a switch. */
export type GivenOptions<O extends Readonly<Record<string, OptionDeclaration>>> = {
  readonly [K in keyof O]: O[K] extends { readonly repeated: true }
    ? readonly string[]
    : O[K] extends { readonly value: string }
      ? string | undefined
      : boolean;
};

export interface CommandLine<O extends Readonly<Record<string, OptionDeclaration>>> {
  readonly argument: string;
  readonly options: GivenOptions<O>;
}

/** Declares a command; only there to keep the literal types of its options. */
export function command<const O extends Readonly<Record<string, OptionDeclaration>>>(
  declared: CommandDeclaration<O>,
): CommandDeclaration<O> {
  return declared;
}

/** Whether help was asked for, anywhere before `--`. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}

/**
 * Reads a command line. Throws a `Failure` (exit status 2) for an unknown option, with the nearest one,
 * for an option without its value, and for a missing or a second argument.
 */
export function readCommandLine<O extends Readonly<Record<string, OptionDeclaration>>>(
  declared: CommandDeclaration<O>,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CommandLine<O> {
  const tokens = tokensOf(declared, args);
  const options: Record<string, string | boolean | string[] | undefined> = {};
  for (const [name, option] of Object.entries(declared.options)) options[name] = initialValue(option, environment);
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind === "option") setOption(declared, options, token);
  }
  // Every declared option was set above to what its declaration promises.
  return { argument: theArgument(declared, positionals), options: options as GivenOptions<O> };
}

interface OptionToken {
  readonly kind: "option";
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value was given as `--name=value`. */
  readonly inlineValue: boolean | undefined;
}

/** Reads leniently, so that our own words and not parseArgs' tell what is wrong. */
function tokensOf(
  declared: CommandDeclaration<Readonly<Record<string, OptionDeclaration>>>,
  args: readonly string[],
): readonly (
  | OptionToken
  | { readonly kind: "positional"; readonly value: string }
  | { readonly kind: "option-terminator" }
)[] {
  const options: Record<string, { type: "string" | "boolean"; multiple: boolean }> = {};
  for (const [name, option] of Object.entries(declared.options)) {
    const isSwitch = option.value === undefined || option.isValueOptional;
    options[name] = { type: isSwitch ? "boolean" : "string", multiple: true };
  }
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function initialValue(
  option: OptionDeclaration,
  environment: Readonly<Record<string, string | undefined>>,
): string | boolean | string[] | undefined {
  if (option.repeated) return [];
  return option.value === undefined ? false : environment[option.environment ?? ""] || undefined;
}

function setOption(
  declared: CommandDeclaration<Readonly<Record<string, OptionDeclaration>>>,
  options: Record<string, string | boolean | string[] | undefined>,
  token: OptionToken,
): void {
  const option = declared.options[token.name];
  if (!option || !Object.hasOwn(declared.options, token.name)) throw unknownOption(declared, token.rawName);
  if (option.value === undefined) {
    if (token.value !== undefined) throw inputWrong(`${token.rawName} takes no value`, seeHelp(declared));
    options[token.name] = true;
    return;
  }
  if (option.isValueOptional) {
    options[token.name] = token.value ?? "";
    return;
  }
  // `--data --port 1` forgot a value; one that really begins with dashes is given as `--data=--odd`.
  if (token.value === undefined || (token.value.startsWith("--") && !token.inlineValue)) {
    throw inputWrong(`${token.rawName} needs a value: ${token.rawName} ${option.value}`, seeHelp(declared));
  }
  const list = options[token.name];
  if (Array.isArray(list)) list.push(token.value);
  else options[token.name] = token.value;
}

function unknownOption(declared: CommandDeclaration<Readonly<Record<string, OptionDeclaration>>>, given: string) {
  const known = [...Object.keys(declared.options), "help"].map((name) => `--${name}`);
  const near = nearest(given, known);
  return inputWrong(
    `${declared.name} has no option ${given}`,
    near ? `Did you mean ${near}? ${seeHelp(declared)}` : seeHelp(declared),
  );
}

function theArgument(
  declared: CommandDeclaration<Readonly<Record<string, OptionDeclaration>>>,
  positionals: readonly string[],
): string {
  const [first, second] = declared.argument ? positionals : ["", positionals[0]];
  if (second !== undefined) throw inputWrong(`${declared.name} does not take "${second}"`, seeHelp(declared));
  if (declared.argument && !first && !declared.argument.isOptional) {
    throw inputWrong(`${declared.name} needs ${declared.argument.name}`, seeHelp(declared));
  }
  return first ?? "";
}

function seeHelp(declared: { readonly name: string }): string {
  return `See: penstock ${declared.name} --help`;
}

/** The text of `penstock <command> --help`. */
export function helpText(declared: CommandDeclaration<Readonly<Record<string, OptionDeclaration>>>): string {
  const argument = declared.argument ? ` ${declared.argument.name}` : "";
  const rows = Object.entries(declared.options).map(([name, option]): [string, string] => [
    `--${name}${shownValue(option)}`,
    [option.about, option.repeated ? "(may be repeated)" : "", option.environment ? `[${option.environment}]` : ""]
      .filter(Boolean)
      .join(" "),
  ]);
  if (declared.argument) rows.unshift([declared.argument.name, declared.argument.about]);
  rows.push(["--help", "Show this help"]);
  return [
    `penstock ${declared.name}${argument} [options]`,
    "",
    declared.about,
    "",
    ...columns(rows),
    "",
    "Examples:",
    ...declared.examples.flatMap(({ command: line, about }) => [`  # ${about}`, `  ${line}`]),
    ...(declared.more ?? []).flatMap((paragraph) => ["", paragraph]),
    "",
  ].join("\n");
}

function shownValue({ value, isValueOptional }: OptionDeclaration): string {
  if (value === undefined) return "";
  return isValueOptional ? `[=${value}]` : ` ${value}`;
}

/** Two columns, indented by two. A long left cell takes a line of its own. */
export function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(LEFT_COLUMN_MAX, Math.max(...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) => {
    const rightLines = right.split("\n");
    const indent = " ".repeat(width + 4);
    const [firstLine = "", ...rest] = rightLines;
    const head = left.length > width ? [`  ${left}`, indent + firstLine] : [`  ${left.padEnd(width)}  ${firstLine}`];
    return [...head, ...rest.map((line) => indent + line)];
  });
}

const LEFT_COLUMN_MAX = 26;

/** Runs a command's work with what was given, or prints its help. Answers the exit status. */
export async function runCommand<O extends Readonly<Record<string, OptionDeclaration>>>(
  declared: CommandDeclaration<O>,
  args: readonly string[],
  work: (given: CommandLine<O>) => Promise<number>,
): Promise<number> {
  if (asksForHelp(args)) {
    process.stdout.write(helpText(declared));
    return 0;
  }
  return work(readCommandLine(declared, args));
}
