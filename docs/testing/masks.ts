/**
 * Comparing what a page shows with what a run printed. What differs from run to run (times, ids, ports, places) is
 * made equal on both sides; a line of the page that is only `…` stands for any lines.
 */

const ID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

const MASKS: readonly (readonly [RegExp, string])[] = [
  [ID, "<id>"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, "<time>"],
  [/^\+ *[\d.:]+(s|m)/, "+<time>"],
  [/\b\d+(\.\d+)? ?(ms|s|m)\b/g, "<duration>"],
  [/("(startedAt|created|updated|expirationTime)": )[\d.]+/g, "$1<time>"],
  [/("durationMs": )[\d.]+/g, "$1<duration>"],
  [/\b\d+(\.\d+)? ?(B|KB|MB)\b/g, "<size>"],
  [/([\w-]+\/[\w-]+\/)[A-Za-z0-9]{7}(\.zip)?(?=["' ]|$)/g, "$1<key>"],
  [/((VersionId|ETag)"?(:| =) ?"?)[\w.-]+/gi, "$1<version>"],
  [/("(revision|versionId)": ")[\w.-]{32}"/g, '$1<version>"'],
  [/(CodeSha256"?:? +"?)[\w+/]+=*/gi, "$1<checksum>"],
  [/("(sizeBytes|unzippedBytes)": )\d+/g, "$1<size>"],
  [/("accessKeyId": ")\w+/g, "$1<key>"],
  [/\/1[789]\d{11}\b/g, "/<time>"],
  [/\(process \d+\)/g, "(process <id>)"],
  [/\(3\.\d+\.\d+\)/g, "(<python>)"],
];

/** Lines of a story or a log; they may change places. */
const STORY = /^\s*(\+<time>|│)/;
/** Log lines of which a newer Python has more, or that are as wide as the name of a folder. */
const LEFT_OUT = /^(\+<time>.*\||\s*│) (… \d+ lines before|\s*[~^]+|\s+File ".*)$/;

/** Lines with all that is volatile made equal. Runs of story lines are sorted, and none stands there twice. */
export function masked(lines: readonly string[]): readonly string[] {
  const plain = lines.map(maskedLine).filter((line) => !LEFT_OUT.test(line));
  const sorted: string[] = [];
  for (let index = 0; index < plain.length; ) {
    const end = plain.findIndex((line, at) => at >= index && !STORY.test(line));
    const story = plain.slice(index, end < 0 ? plain.length : end);
    sorted.push(...[...new Set(story)].sort());
    index += story.length;
    if (end >= 0) sorted.push(plain[index++] ?? "");
  }
  return sorted;
}

function maskedLine(line: string): string {
  const equal = MASKS.reduce((text, [pattern, word]) => text.replace(pattern, word), line.trimEnd());
  return equal.replace(/(?<=\S) {2,}/g, " ");
}

const ANY_LINES = "…";

/** Whether a page's lines say what was printed. */
export function isSame(shown: readonly string[], printed: readonly string[]): boolean {
  if (!shown.includes(ANY_LINES)) return masked(shown).join("\n") === masked(printed).join("\n");
  const rest = masked(printed);
  return fits(piecesOf(shown).map(masked), rest);
}

/**
 * What was printed, cut as `shown` is: as many lines before the first and after the last `…`, and the pieces between
 * where their first lines stand.
 */
export function cutAs(shown: readonly string[], printed: readonly string[]): readonly string[] {
  const [first = [], ...others] = piecesOf(shown);
  const last = others.at(-1);
  if (!last || first.length + last.length >= printed.length) return printed;
  const between = others.slice(0, -1).flatMap((piece) => {
    const at = printed.findIndex((line) => maskedLine(line) === maskedLine(piece[0] ?? ""));
    return at < 0 ? [] : [...printed.slice(at, at + piece.length), ANY_LINES];
  });
  return [...printed.slice(0, first.length), ANY_LINES, ...between, ...printed.slice(printed.length - last.length)];
}

function piecesOf(shown: readonly string[]): readonly (readonly string[])[] {
  const pieces: string[][] = [[]];
  for (const line of shown) {
    if (line === ANY_LINES) pieces.push([]);
    else pieces.at(-1)?.push(line);
  }
  return pieces;
}

/** The first piece begins the output, the last ends it, and the others follow in order, a line at a time. */
function fits(pieces: readonly (readonly string[])[], printed: readonly string[]): boolean {
  const [first = [], ...others] = pieces;
  const last = others.at(-1) ?? [];
  if (!startsWith(printed, first) || !endsWith(printed, last)) return false;
  let from = first.length;
  for (const line of others.slice(0, -1).flat()) {
    const at = printed.indexOf(line, from);
    // Story lines have changed places by sorting; it is enough that they are there.
    if (at < 0 && !(STORY.test(line) && printed.includes(line))) return false;
    if (at >= 0 && !STORY.test(line)) from = at + 1;
  }
  return true;
}

function startsWith(lines: readonly string[], piece: readonly string[]): boolean {
  return piece.every((line, index) => line === lines[index] || (STORY.test(line) && lines.includes(line)));
}

function endsWith(lines: readonly string[], piece: readonly string[]): boolean {
  const from = lines.length - piece.length;
  return piece.every((line, index) => line === lines[from + index] || (STORY.test(line) && lines.includes(line)));
}
