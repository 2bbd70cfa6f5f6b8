import type { Member, ServiceModel, Shape } from "../../packages/server/src/wire/model.ts";

type Direction = "Input" | "Output";

/** Names that would hide something of the language. */
const taken = new Set([
  "Object",
  "Error",
  "Function",
  "Date",
  "String",
  "Map",
  "Array",
  "Record",
  "Readable",
  "Operations",
]);

const preface = `
/**
 * Types of every operation's input and output. Members have their wire names.
 * Timestamps are \`Date\` in inputs and epoch milliseconds (\`number\`) in outputs; blobs are \`Uint8Array\`, in an
 * input always a \`Buffer\`; a body that streams is a \`Readable\` in inputs (there even when empty), and a
 * \`Readable\` or bytes in outputs.
 */
`;

/** The text of \`shapes.generated.ts\`. */
export function writeTypes(model: ServiceModel): string {
  const writer = new TypeWriter(model);
  const operations = Object.entries(model.operations).map(([name, { input, output }]) => {
    writer.root(`${name}Input`, input, "Input");
    writer.root(`${name}Output`, output, "Output");
    return `  readonly ${name}: { readonly input: ${name}Input; readonly output: ${name}Output };\n`;
  });
  const body = writer.text();
  const readable = body.includes("Readable") && !body.includes("interface Readable");
  return `${readable ? 'import type { Readable } from "node:stream";\n' : ""}${preface}export interface Operations {
${operations.join("")}}
${body}`;
}

/** Collects declarations, each once; a shape with timestamps that both directions use becomes two types. */
class TypeWriter {
  readonly #model: ServiceModel;
  readonly #declared = new Map<string, string>();
  readonly #usedBy = new Map<string, Set<Direction>>();
  readonly #inputRoots = new Map<string, number>();

  constructor(model: ServiceModel) {
    this.#model = model;
    for (const { input, output } of Object.values(model.operations)) {
      if (input) this.#note(input, "Input");
      if (output) this.#note(output, "Output");
      for (const root of [input, output]) if (root) this.#inputRoots.set(root, (this.#inputRoots.get(root) ?? 0) + 1);
    }
  }

  /** Declares the type of an operation's input or output under the operation's own name. */
  root(typeName: string, shapeName: string | undefined, direction: Direction): void {
    if (!shapeName) {
      this.#declared.set(typeName, `export type ${typeName} = Readonly<Record<string, never>>;\n`);
      return;
    }
    const own = this.#inputRoots.get(shapeName) === 1 && !this.#isMember(shapeName);
    if (own || this.#typeName(shapeName, direction) === typeName) {
      this.#declared.set(typeName, this.#structure(typeName, this.#shape(shapeName), direction));
    } else {
      this.#declared.set(typeName, `export type ${typeName} = ${this.#reference({ shape: shapeName }, direction)};\n`);
    }
  }

  text(): string {
    return [...this.#declared.values()].map((declaration) => `\n${declaration}`).join("");
  }

  #note(name: string, direction: Direction): void {
    const seen = this.#usedBy.get(name) ?? new Set();
    if (seen.has(direction)) return;
    this.#usedBy.set(name, seen.add(direction));
    for (const member of membersOf(this.#shape(name))) this.#note(member.shape, direction);
  }

  #isMember(name: string): boolean {
    return Object.values(this.#model.shapes).some((shape) => membersOf(shape).some((member) => member.shape === name));
  }

  #shape(name: string): Shape {
    const shape = this.#model.shapes[name];
    if (!shape) throw new Error(`No shape ${name}`);
    return shape;
  }

  #typeName(name: string, direction: Direction): string {
    const split = this.#usedBy.get(name)?.size === 2 && this.#holdsTime(name, new Set());
    const safe = taken.has(name) ? `${this.#model.name.toUpperCase()}${name}` : name;
    return split && direction === "Output" ? `${safe}Output` : safe;
  }

  #holdsTime(name: string, seen: Set<string>): boolean {
    if (seen.has(name)) return false;
    seen.add(name);
    const shape = this.#shape(name);
    return shape.type === "timestamp" || membersOf(shape).some((member) => this.#holdsTime(member.shape, seen));
  }

  #structure(typeName: string, shape: Shape, direction: Direction): string {
    if (shape.type !== "structure") throw new Error(`${typeName} is not a structure`);
    const members = Object.entries(shape.members).map(([name, member]) => {
      const body = isStream(member, this.#shape(member.shape));
      const optional = shape.required?.includes(name) || (body && direction === "Input") ? "" : "?";
      return `  readonly ${name}${optional}: ${this.#reference(member, direction)};\n`;
    });
    if (!members.length) return `export type ${typeName} = Readonly<Record<string, never>>;\n`;
    return `export interface ${typeName} {\n${members.join("")}}\n`;
  }

  #reference(member: Member, direction: Direction): string {
    const shape = this.#shape(member.shape);
    if (isStream(member, shape)) return direction === "Input" ? "Readable" : "Readable | Uint8Array";
    switch (shape.type) {
      case "structure":
        return this.#named(member.shape, direction, (name) => this.#structure(name, shape, direction));
      case "list": {
        const item = this.#reference(shape.member, direction);
        return `readonly ${/[ |]/.test(item) && !item.startsWith("Readonly<") ? `(${item})` : item}[]`;
      }
      case "map":
        return `Readonly<Record<string, ${this.#reference(shape.value, direction)}>>`;
      case "string": {
        const values = shape.enum;
        if (!values) return "string";
        return this.#named(
          member.shape,
          direction,
          (name) => `export type ${name} = ${values.map((value) => JSON.stringify(value)).join(" | ")};\n`,
        );
      }
      case "boolean":
        return "boolean";
      case "blob":
        return "Uint8Array";
      case "timestamp":
        return direction === "Input" ? "Date" : "number";
      default:
        return "number";
    }
  }

  #named(shapeName: string, direction: Direction, declare: (name: string) => string): string {
    const name = this.#typeName(shapeName, direction);
    if (!this.#declared.has(name)) {
      this.#declared.set(name, ""); // Reserved first: a shape may hold itself.
      this.#declared.set(name, declare(name));
    }
    return name;
  }
}

function membersOf(shape: Shape): readonly Member[] {
  if (shape.type === "structure") return Object.values(shape.members);
  if (shape.type === "list") return [shape.member];
  return shape.type === "map" ? [shape.key, shape.value] : [];
}

function isStream(member: Member, shape: Shape): boolean {
  return member.streaming === true || ("streaming" in shape && shape.streaming === true);
}
