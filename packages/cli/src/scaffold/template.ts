/** What `penstock init` writes: the files of `templates/`, with the project's name and this version filled in. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const LANGUAGES = ["typescript", "javascript", "python"] as const;

export type Language = (typeof LANGUAGES)[number];

/** A file to write; its path is relative to the project, with forward slashes. */
export interface ProjectFile {
  readonly path: string;
  readonly text: string;
}

const TEMPLATES = fileURLToPath(new URL("../../templates/", import.meta.url));

/** npm would take a `.gitignore` in a package for its own. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: ".gitignore" };

/** The files of a project: those of every language, and those of its own. */
export function projectFiles(language: Language, name: string): readonly ProjectFile[] {
  const values: Readonly<Record<string, string>> = { name, version: ownVersion() };
  return ["every", language].flatMap((folder) =>
    filesBelow(join(TEMPLATES, folder)).map(([path, text]) => ({
      path: RENAMED[path] ?? path,
      text: text.replace(/\{\{(name|version)\}\}/g, (_, key: string) => values[key] ?? ""),
    })),
  );
}

function filesBelow(folder: string): readonly (readonly [path: string, text: string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => [relative(folder, file).split(sep).join("/"), readFileSync(file, "utf8")]);
}

function ownVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version; // written by us
}
