/** What a file of this workspace must not have, in data: leftovers, sizes, names, and traces of one machine. */

/** One remark about a file; `line` counts from 1. */
export interface Remark {
  readonly rule: string;
  readonly line?: number;
}

/** A text that must not stand in the files that `files` fits. With `unless`, the line or the one before may excuse it. */
interface Ban {
  readonly rule: string;
  readonly files: RegExp;
  readonly text: RegExp;
  readonly unless?: RegExp;
}

const CODE = /\.(ts|mjs|js|cjs)$/;
const ANY = /^/;

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
/** Longer lines are data, such as a key or an encoded file, in which any four letters may stand. */
const LINE_CHARACTERS_MAX = 2000;

const BANS: readonly Ban[] = [
  { rule: "leftover", files: ANY, text: /\b(TODO|FIXME|XXX|HACK)\b/ },
  { rule: "as any", files: CODE, text: /\bas any\b(?!\s+(?!as\b)\w)/ },
  { rule: "ts-ignore", files: CODE, text: /@ts-(ignore|nocheck)\b/ },
  { rule: "ts-expect-error without a reason", files: CODE, text: /@ts-expect-error\W*$/ },
  { rule: "biome-ignore without a reason", files: CODE, text: /biome-ignore [\w/]+:?\s*$/ },
  { rule: "only", files: CODE, text: /\b(test|it|describe|suite)(\.\w+)*\.only\b/ },
  {
    rule: "skip without a reason",
    files: CODE,
    text: /\b(test|it|describe|suite)(\.\w+)*\.(skip|skipIf|runIf|todo)\b/,
    unless: /\/\/ \w+/,
  },
  { rule: "default export", files: CODE, text: /^export default\b|\bas default\b/ },
  { rule: "path of one machine", files: ANY, text: /(?<![\w.<>${}*/])\/(work|root|home\/[a-z]\w*|Users\/\w+)\// },
  {
    rule: "registry host",
    files: ANY,
    text: /\b(registry\.(npmjs|yarnpkg)\.(org|com)|npmmirror\.com|(deb|security)\.debian\.org|archive\.ubuntu\.com|pypi\.org|files\.pythonhosted\.org|proxy\.golang\.org|static\.crates\.io)\b/,
  },
];

const NAMELESS = /^(utils?|helpers?|common|types?|managers?|misc|shared)$/;

/** All that is wrong with a file, by its path and text. Generated files may be long; they are not written by hand. */
export function remarks(path: string, text: string): readonly Remark[] {
  const lines = text.split("\n");
  const found: Remark[] = BANS.filter(({ files }) => files.test(path)).flatMap((ban) => broken(ban, lines));
  if (text !== "" && !text.endsWith("\n")) found.push({ rule: "no newline at the end", line: lines.length });
  if (path.split("/").some((part) => NAMELESS.test(part.split(".")[0] ?? "")))
    found.push({ rule: "name that says nothing" });
  if (/\.(ts|mjs|js|cjs|py)$/.test(path) && !/\.generated\./.test(path)) found.push(...tooLong(path, lines));
  return found;
}

function broken({ rule, text, unless }: Ban, lines: readonly string[]): readonly Remark[] {
  return lines.flatMap((line, index) => {
    if (line.length > LINE_CHARACTERS_MAX || !text.test(line)) return [];
    const excused = unless !== undefined && (unless.test(line) || unless.test(lines[index - 1] ?? ""));
    return excused ? [] : [{ rule, line: index + 1 }];
  });
}

function tooLong(path: string, lines: readonly string[]): readonly Remark[] {
  const found: Remark[] = [];
  if (lines.length - 1 > FILE_LINES_MAX) found.push({ rule: `file over ${FILE_LINES_MAX} lines` });
  const begins = path.endsWith(".py") ? PYTHON_FUNCTION : FUNCTION;
  for (const [index, line] of lines.entries()) {
    if (begins.test(line) && !CONTROL.test(line) && ownLines(index, lines, begins) > FUNCTION_LINES_MAX) {
      found.push({ rule: `function over ${FUNCTION_LINES_MAX} lines`, line: index + 1 });
    }
  }
  return found;
}

/** Lines of a function without those of the functions inside it: many small ones in one that builds them are still small. */
function ownLines(start: number, lines: readonly string[], begins: RegExp): number {
  const end = endOf(start, lines);
  let own = end - start + 1;
  for (let index = start + 1; index <= end; index++) {
    const line = lines[index] ?? "";
    if (!begins.test(line) || CONTROL.test(line)) continue;
    const innerEnd = endOf(index, lines);
    own -= innerEnd - index + 1;
    index = innerEnd;
  }
  return own;
}

const FUNCTION =
  /^\s*(export )?(async )?function\b|^\s*(export )?const \w+ = (async )?(\(|\w+ =>)|^\s*(async )?\*?\w+\([^;]*\)?[^;]* \{$/;
const CONTROL = /^\s*(if|for|while|switch|catch|describe|test|it|suite)\b/;
const PYTHON_FUNCTION = /^\s*(async )?def /;

/** Where the function that begins at `start` ends. The formatter sees to it that indentation tells. */
function endOf(start: number, lines: readonly string[]): number {
  const indentation = /^\s*/.exec(lines[start] ?? "")?.[0].length ?? 0;
  for (let index = start + 1; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (line.trim() === "" || /^\s/.test(line.slice(indentation))) continue;
    const rest = line.slice(indentation);
    const endsParameters = /^[})\]].*(\{|=>|:)$/.test(rest);
    if (endsParameters) continue;
    return /^[})\]]/.test(rest) ? index : index - 1;
  }
  return lines.length - 1;
}
