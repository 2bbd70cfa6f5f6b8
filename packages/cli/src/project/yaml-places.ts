import { type Document, isMap, isScalar, isSeq, LineCounter, type Pair, type ParsedNode, parseDocument } from "yaml";
import { inputWrong } from "../failure.ts";
import type { Path, Places } from "./source-text.ts";

/** One YAML (or JSON) document and where its parts stand. Throws a `Failure` for a text that is none. */
export class YamlPlaces implements Places {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(text: string, file: string) {
    this.#file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, strict: true });
    const error = this.#document.errors[0];
    if (!error) return;
    throw inputWrong(`${this.#at(error.pos[0])}: ${sentence(error.code, error.message)}`, remedyFor(file));
  }

  /** Throws a `Failure` for aliases that would blow up. */
  value(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: ALIASES_MAX });
    } catch (error) {
      throw inputWrong(
        `${this.#file}: ${error instanceof Error ? error.message : error}`,
        "Write out what the aliases stand for.",
        error,
      );
    }
  }

  /** `file:line:column` of what stands at a path; of the nearest thing around it that is there. */
  place(path: Path, at: "key" | "value" = "value"): string {
    let node: unknown = this.#document.contents;
    let offset = offsetOf(node);
    for (const [index, step] of path.entries()) {
      const pair = isMap<ParsedNode, ParsedNode | null>(node)
        ? node.items.find(({ key }) => isKey(key, step))
        : undefined;
      const next: unknown = pair ? pair.value : isSeq(node) && typeof step === "number" ? node.items[step] : undefined;
      if (!pair && next === undefined) break;
      const last = index === path.length - 1;
      offset = (last && at === "key") || !next ? offsetOf(pair?.key ?? next) : offsetOf(next);
      node = next;
    }
    return this.#at(offset);
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  }
}

/** The `yaml` library's own default is 100; declarations that share a policy document stay far below. */
const ALIASES_MAX = 100;

function isKey(key: Pair["key"], step: string | number): boolean {
  return isScalar(key) && String(key.value) === String(step);
}

function offsetOf(node: unknown): number {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : 0;
}

function sentence(code: string, message: string): string {
  if (code === "DUPLICATE_KEY") return "the same key is there twice";
  if (code === "MULTIPLE_DOCS") return "there is more than one document in the file";
  if (code === "TAB_AS_INDENT") return "a tab is used to indent; YAML wants spaces";
  return message.split("\n")[0] ?? message;
}

function remedyFor(file: string): string {
  return file.endsWith(".json") ? "Correct the JSON at this place." : "Correct the YAML at this place.";
}
