import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { command, runCommand } from "../command-line.ts";
import { EXIT, inputWrong } from "../failure.ts";
import { suggestion } from "../nearest.ts";
import { LANGUAGES, type Language, projectFiles } from "../scaffold/template.ts";
import { inTheWay, writeFiles } from "../scaffold/write-files.ts";

const declared = command({
  name: "init",
  about: "Writes a project to start from: a function, its test, a pipeline around it, and what both need.",
  argument: { name: "<folder>", about: "Where to, made when missing (default: this folder)", isOptional: true },
  options: {
    language: { value: "LANGUAGE", about: `${LANGUAGES.join(", ")} (default typescript)` },
  },
  examples: [
    { about: "A function in TypeScript", command: "penstock init my-function" },
    { about: "One in Python, in this folder", command: "penstock init . --language python" },
  ],
  more: ["No file is ever replaced: when one is in the way, nothing is written."],
});

/** `penstock init`. */
export function projectInit(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument, options }) => {
    const language = languageOf(options.language);
    const given = argument || ".";
    const folder = resolve(given);
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found && !found.isDirectory()) throw inputWrong(`${given} is a file`, "Name a folder.");
    const files = projectFiles(language, packageName(folder));
    const blocking = inTheWay(folder, files);
    if (blocking.length > 0) {
      throw inputWrong(
        `${given} already has ${blocking.join(", ")}`,
        "Nothing was written. Name another folder, or move what is in the way.",
      );
    }
    writeFiles(folder, files);
    const lines = ["A new function is in ", given, ":\n", ...files.map(({ path }) => `  ${path}\n`), "\n"];
    process.stdout.write(lines.join("") + nextSteps(given, language));
    return EXIT.fine;
  });
}

function languageOf(given: string | undefined): Language {
  const language = LANGUAGES.find((each) => each === (given ?? "typescript"));
  if (language) return language;
  throw inputWrong(`--language ${given} is not known`, suggestion(given ?? "", LANGUAGES));
}

/** The folder's name, as npm takes names. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "");
  return name || "my-function";
}

function nextSteps(given: string, language: Language): string {
  const steps = [
    ...(given === "." ? [] : [[`cd ${given}`, ""]]),
    ["npm install", language === "python" ? "and boto3, unless this Python has it: pip install boto3" : ""],
    ["npm test", ""],
    ["npm run invoke", "the function as one action"],
    ["npm start", "the pipeline, and the action again on every save"],
  ];
  return `Next:\n${steps.map(([step = "", why]) => `  ${why ? `${step.padEnd(16)}  # ${why}` : step}\n`).join("")}`;
}
