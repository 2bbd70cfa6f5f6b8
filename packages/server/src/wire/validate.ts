/**
 * The constraints of a model, checked in the services' own words: required members, lengths, ranges, patterns, enums.
 *
 * A checker is compiled for each shape on first use; shapes without constraints below them have none, so a
 * small input costs a few comparisons. Source of the texts: reference §1.1.
 */
import {
  type ListShape,
  type MapShape,
  perShape,
  type ScalarShape,
  type ServiceModel,
  type StructureShape,
  shapeOf,
} from "./model.ts";

export interface Violation {
  /** Such as `pipeline.stages.2.member.actions.1.member.name`. */
  readonly path: string;
  /** Such as `Member must not be null`. */
  readonly constraint: string;
  /** The value, to be shown by the services that do so; absent when it is missing or secret. */
  readonly value?: unknown;
  readonly missing: boolean;
}

/** Of one request; a list of thousands of bad items needs no text of megabytes. */
const VIOLATIONS_MAX = 50;

/** Longer texts are not matched against patterns; each pattern's shape has a lower `max`, which then speaks. */
const PATTERN_CHARS_MAX = 100_000;

type Check = (value: unknown, path: string, found: Violation[]) => void;

/** Checks an input against its shape; no violations, no array. */
export function findViolations(model: ServiceModel, shapeName: string, input: unknown): readonly Violation[] {
  const check = checkOf(model, shapeName);
  if (!check) return none;
  const found: Violation[] = [];
  check(input, "", found);
  return found.length > VIOLATIONS_MAX ? found.slice(0, VIOLATIONS_MAX) : found;
}

const none: readonly Violation[] = [];

/** `2 validation errors detected: Value at 'a' failed to satisfy constraint: …; Value at …`. */
export function violationText(violations: readonly Violation[], style: "echo" | "silent"): string {
  const texts = violations.map(
    (violation) =>
      `Value ${style === "echo" ? echo(violation) : ""}at '${violation.path}' failed to satisfy constraint: ${violation.constraint}`,
  );
  return `${texts.length} validation error${texts.length === 1 ? "" : "s"} detected: ${texts.join("; ")}`;
}

/** The longest value that an error shows. */
const ECHO_CHARS_MAX = 2_048;

function echo({ value, missing }: Violation): string {
  if (missing) return "null ";
  return value === undefined ? "" : `'${javaText(value).slice(0, ECHO_CHARS_MAX)}' `;
}

/** A value as Java's toString writes it. */
function javaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, 100).map(javaText).join(", ")}]`;
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}=${javaText(item)}`)
    .join(", ")}}`;
}

const checkOf = perShape((model: ServiceModel, name: string): Check | null => {
  const shape = shapeOf(model, name);
  switch (shape.type) {
    case "structure":
      return checkStructure(model, shape);
    case "list":
      return checkList(model, shape);
    case "map":
      return checkMap(model, shape);
    default:
      return checkScalar(shape);
  }
});

interface MemberCheck {
  readonly name: string;
  readonly pathName: string;
  readonly required: boolean;
  readonly check: Check | null;
}

function checkStructure(model: ServiceModel, shape: StructureShape): Check | null {
  const members: MemberCheck[] = Object.entries(shape.members).map(([name, member]) => ({
    name,
    pathName: name.charAt(0).toLowerCase() + name.slice(1),
    required: shape.required?.includes(name) === true,
    check: checkOf(model, member.shape),
  }));
  const checked = members.filter(({ required, check }) => required || check);
  if (checked.length === 0) return null;
  return (value, path, found) => {
    const structure = value as Readonly<Record<string, unknown>>; // The protocol's parser made it of this shape.
    for (const { name, pathName, required, check } of checked) {
      const item = structure[name];
      if (item !== undefined) check?.(item, path === "" ? pathName : `${path}.${pathName}`, found);
      else if (required) {
        found.push({
          path: path === "" ? pathName : `${path}.${pathName}`,
          constraint: "Member must not be null",
          missing: true,
        });
      }
    }
  };
}

function checkList(model: ServiceModel, shape: ListShape): Check | null {
  const own = lengthCheck(shape);
  const item = shapeOf(model, shape.member.shape);
  const check = checkOf(model, shape.member.shape);
  if (!own && !check) return null;
  const nested = item.type === "structure" || item.type === "list" || item.type === "map";
  const all = nested ? "" : `Member must satisfy constraint: [${constraintTexts(item).join(", ")}]`;
  const secret = shape.sensitive || item.sensitive;
  return (value, path, found) => {
    const list = value as readonly unknown[]; // As above.
    own?.(list.length, path, found, shape.sensitive ? undefined : list);
    if (!check) return;
    if (nested) {
      for (let index = 0; index < list.length && found.length <= VIOLATIONS_MAX; index++) {
        check(list[index], `${path}.${index + 1}.member`, found);
      }
    } else if (fails(check, list)) {
      found.push({ path, constraint: all, missing: false, ...(!secret && { value: list }) });
    }
  };
}

function checkMap(model: ServiceModel, shape: MapShape): Check | null {
  const own = lengthCheck(shape);
  const keyShape = shapeOf(model, shape.key.shape);
  const valueShape = shapeOf(model, shape.value.shape);
  const checkKey = checkOf(model, shape.key.shape);
  const checkValue = checkOf(model, shape.value.shape);
  if (!own && !checkKey && !checkValue) return null;
  const nested = valueShape.type === "structure" || valueShape.type === "list" || valueShape.type === "map";
  const secret = shape.sensitive || keyShape.sensitive || valueShape.sensitive;
  return (value, path, found) => {
    const map = value as Readonly<Record<string, unknown>>; // As above.
    const keys = Object.keys(map);
    const shown = secret ? {} : { value: map };
    own?.(keys.length, path, found, shown.value);
    if (checkKey && fails(checkKey, keys)) {
      const constraint = `Map keys must satisfy constraint: [${constraintTexts(keyShape).join(", ")}]`;
      found.push({ path, constraint, missing: false, ...shown });
    }
    if (!checkValue) return;
    if (nested) {
      for (const key of keys) if (found.length <= VIOLATIONS_MAX) checkValue(map[key], `${path}.${key}.member`, found);
    } else if (fails(checkValue, Object.values(map))) {
      const constraint = `Map value must satisfy constraint: [${constraintTexts(valueShape).join(", ")}]`;
      found.push({ path, constraint, missing: false, ...shown });
    }
  };
}

function fails(check: Check, values: readonly unknown[]): boolean {
  const found: Violation[] = [];
  for (const value of values) {
    check(value, "", found);
    if (found.length > 0) return true;
  }
  return false;
}

type LengthCheck = (length: number, path: string, found: Violation[], value: unknown) => void;

function lengthCheck({ min, max }: { readonly min?: number; readonly max?: number }): LengthCheck | undefined {
  if (max === undefined && !min) return undefined;
  return (length, path, found, value) => {
    const shown = value === undefined ? {} : { value };
    if (max !== undefined && length > max) found.push({ path, constraint: lengthMax(max), missing: false, ...shown });
    if (min !== undefined && length < min) found.push({ path, constraint: lengthMin(min), missing: false, ...shown });
  };
}

function checkScalar(shape: ScalarShape): Check | null {
  switch (shape.type) {
    case "string":
      return checkString(shape);
    case "blob":
      return checkBlob(shape);
    case "boolean":
    case "timestamp":
      return null;
    default:
      return checkNumber(shape);
  }
}

function checkString(shape: ScalarShape): Check | null {
  const length = lengthCheck(shape);
  const pattern = shape.pattern === undefined ? undefined : wholePattern(shape.pattern);
  const allowed = shape.enum && new Set(shape.enum);
  if (!length && !pattern && !allowed) return null;
  return (value, path, found) => {
    const text = value as string; // As above.
    const shown = shape.sensitive ? {} : { value: text };
    if (allowed && !allowed.has(text)) found.push({ path, constraint: enumText(shape), missing: false, ...shown });
    length?.(text.length, path, found, shown.value);
    if (pattern && text.length <= PATTERN_CHARS_MAX && !pattern.test(text)) {
      found.push({ path, constraint: patternText(shape), missing: false, ...shown });
    }
  };
}

function checkBlob(shape: ScalarShape): Check | null {
  const length = shape.streaming ? undefined : lengthCheck(shape);
  if (!length) return null;
  return (value, path, found) => {
    if (value instanceof Uint8Array) length(value.length, path, found, shape.sensitive ? undefined : value);
  };
}

function checkNumber(shape: ScalarShape): Check | null {
  const { min, max } = shape;
  if (min === undefined && max === undefined) return null;
  return (value, path, found) => {
    const number = value as number; // As above.
    const shown = shape.sensitive ? {} : { value: number };
    if (max !== undefined && number > max) found.push({ path, constraint: valueMax(max), missing: false, ...shown });
    if (min !== undefined && number < min) found.push({ path, constraint: valueMin(min), missing: false, ...shown });
  };
}

/** The patterns of the models are written for Java; most mean the same with JavaScript's `u` flag, the rest without. */
export function wholePattern(pattern: string): RegExp {
  const whole = `^(?:${pattern})$`;
  try {
    return new RegExp(whole, "u");
  } catch {
    return new RegExp(whole);
  }
}

/** Every constraint of a scalar, as the texts about lists and maps list them. */
function constraintTexts(shape: ReturnType<typeof shapeOf>): string[] {
  if (shape.type === "structure" || shape.type === "list" || shape.type === "map") return [];
  const number = shape.type !== "string" && shape.type !== "blob";
  const texts: string[] = [];
  if (shape.max !== undefined) texts.push(number ? valueMax(shape.max) : lengthMax(shape.max));
  if (shape.min !== undefined) texts.push(number ? valueMin(shape.min) : lengthMin(shape.min));
  if (shape.pattern !== undefined) texts.push(patternText(shape));
  if (shape.enum) texts.push(enumText(shape));
  return texts;
}

const lengthMax = (max: number) => `Member must have length less than or equal to ${max}`;
const lengthMin = (min: number) => `Member must have length greater than or equal to ${min}`;
const valueMax = (max: number) => `Member must have value less than or equal to ${max}`;
const valueMin = (min: number) => `Member must have value greater than or equal to ${min}`;
const patternText = ({ pattern }: ScalarShape) => `Member must satisfy regular expression pattern: ${pattern}`;
const enumText = (shape: ScalarShape) => `Member must satisfy enum value set: [${shape.enum?.join(", ")}]`;
