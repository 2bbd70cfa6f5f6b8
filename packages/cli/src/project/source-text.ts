/** Reading JSON and YAML so that every complaint can name its line and column. */
import { readFileSync } from "node:fs";
import { inputWrong, systemCode } from "../failure.ts";

export type Path = readonly (string | number)[];

/** A parsed file. */
export interface SourceText {
  readonly file: string;
  readonly value: unknown;
  /** For complaints only: a JSON text is parsed once more for it. */
  places(): Promise<Places>;
}

export interface Places {
  /** `file:line:column` of a value, or of its key. */
  place(path: Path, at?: "key" | "value"): string;
}

/** Bytes of a declaration that are read; the service takes far less. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Reads a file, as JSON when it is named `.json`, else as YAML.
 * `shownAs` is its name in messages. Throws a `Failure` (exit status 2) with the place of the mistake.
 */
export async function readSource(
  file: string,
  shownAs: string,
  bytesMax: number = FILE_BYTES_MAX,
): Promise<SourceText> {
  return parseSource(readText(file, shownAs, bytesMax), shownAs);
}

/** As `readSource`, of a text at hand. */
export async function parseSource(text: string, file: string): Promise<SourceText> {
  const parsed = file.endsWith(".json") ? parseJson(text) : undefined;
  if (parsed) return { file, value: parsed.value, places: () => parseYaml(text, file) };
  const yaml = await parseYaml(text, file);
  return { file, value: yaml.value(), places: async () => yaml };
}

async function parseYaml(text: string, file: string) {
  const { YamlPlaces } = await import("./yaml-places.ts");
  return new YamlPlaces(text, file);
}

function readText(file: string, shownAs: string, bytesMax: number): string {
  try {
    const text = readFileSync(file, "utf8");
    if (text.length > bytesMax) {
      const message = `${shownAs} is larger than ${bytesMax / 1024 / 1024} MB`;
      throw inputWrong(message, "Name the file that declares the pipeline.");
    }
    return text.replace(/^\uFEFF/, "");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT")
      throw inputWrong(`there is no file ${shownAs}`, "Check the path; it is relative to the current folder.");
    if (code === "EISDIR") throw inputWrong(`${shownAs} is a folder, not a file`, "Name the file in it.");
    if (code === "EACCES") throw inputWrong(`${shownAs} cannot be read by this user`, `Allow it: chmod u+r ${shownAs}`);
    throw error;
  }
}

/** Undefined for what is no JSON: the YAML parser, which knows JSON too, then tells where it breaks. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
