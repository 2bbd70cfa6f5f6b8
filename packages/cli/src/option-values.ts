/** Values of options that several commands have. Each throws a `Failure` (exit status 2) for what is none. */
import { resolve } from "node:path";
import { inputWrong } from "./failure.ts";
import { suggestion } from "./nearest.ts";
import type { Timing } from "./server-port.ts";

/** A TCP port; 0 asks for a free one. */
export function readPort(given: string | undefined, otherwise: number): number {
  return given === undefined ? otherwise : wholeNumber("--port", given, 0, 65_535, 4566);
}

/** How fast the service acts; `fast` unless someone says otherwise. */
export function readTiming(given: string | undefined, declared: Timing | undefined): Timing {
  if (given === undefined) return declared ?? "fast";
  if (given === "fast" || given === "aws") return given;
  throw inputWrong(`--timing ${given} is neither fast nor aws`, suggestion(given, ["fast", "aws"]));
}

/** Whether requests that come too fast are refused; not unless someone says so. */
export function readThrottling(given: string | undefined, declared: "off" | "aws" | undefined): "off" | "aws" {
  if (given === undefined) return declared ?? "off";
  if (given === "off" || given === "aws") return given;
  throw inputWrong(`--throttling ${given} is neither off nor aws`, suggestion(given, ["off", "aws"]));
}

/** In haste, a job whose function has ended without a word is over at once; the service gives it 20 minutes. */
export function unreportedOf(timing: Timing): "fail" | "wait" {
  return timing === "fast" ? "fail" : "wait";
}

/** What becomes of a job whose function has ended without a report. */
export function readUnreported(given: string | undefined): "fail" | "wait" | undefined {
  if (given === undefined || given === "fail" || given === "wait") return given;
  throw inputWrong(`--unreported ${given} is neither wait nor fail`, suggestion(given, ["wait", "fail"]));
}

/** The timeout of a function. Unit: seconds. Source: Lambda quotas, 15 minutes. */
export function readTimeout(given: string | undefined): number | undefined {
  return given === undefined ? undefined : wholeNumber("--timeout", given, 1, 900, 60);
}

/** Reads `NAME=VALUE` options into a record. Throws a `Failure` (exit status 2) for another form and for a name given twice. */
export function readPairs(option: string, given: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const text of given) {
    const equals = text.indexOf("=");
    if (equals < 1)
      throw inputWrong(`--${option} ${text} is not of the form NAME=VALUE`, `Write it like --${option} Name=value.`);
    const name = text.slice(0, equals);
    if (Object.hasOwn(pairs, name)) throw inputWrong(`--${option} gives ${name} twice`, "Leave one out.");
    pairs[name] = text.slice(equals + 1);
  }
  return pairs;
}

/** As `readPairs`, with paths made absolute. */
export function readPaths(option: string, given: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(readPairs(option, given)).map(([name, path]) => [name, resolve(path)]));
}

function wholeNumber(option: string, given: string, min: number, max: number, example: number): number {
  const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw inputWrong(
    `${option} ${given} is not a whole number from ${min} to ${max}`,
    `Write it like ${option} ${example}.`,
  );
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `20m` or `1h30m`, in milliseconds. Throws a `Failure` (exit status 2). */
export function readDuration(given: string): number {
  if (/^(\d+(ms|[smhd]))+$/.test(given)) {
    const parts = [...given.matchAll(/(\d+)(ms|[smhd])/g)];
    return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS_MS[unit] ?? 0), 0);
  }
  throw inputWrong(`"${given}" is not a duration`, "Write it like 20m, 24h or 1h30m (units ms, s, m, h, d).");
}
