import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type Bench, ROOT, start, timed } from "../bench.ts";
import type { Comparison } from "../measuring/compare.ts";
import type { Rig, Slice } from "../measuring/rounds.ts";
import { type Program, startProgram } from "../program.ts";
import type { ArchivesAnswer, ArchivesQuestion } from "../programs/archives.ts";
import type { Scenario } from "./scenario.ts";

/** Zips in and out, against the program that everybody has. */
export const zips: Scenario = {
  name: "zips",
  title: "Zips of 10 and 100 MB, in and out",
  method:
    "Ours unpacks a zip, checked and all or nothing, and zips a folder, reproducibly. The floor is Info-ZIP's unzip and its zip -6, with the start of their process. The folders are files of this checkout's own packages; all lies in memory, where there is a file system in memory, because a disk's journal swings more than what is measured.",
  roundsCount: 7,
  warmUpCount: 1,
  open,
};

interface Tree {
  readonly label: string;
  readonly bytes: number;
}

const TREES: readonly Tree[] = [
  { label: "10 MB", bytes: 10.5e6 },
  { label: "100 MB", bytes: 105e6 },
];

async function open(bench: Bench): Promise<Rig> {
  const [zip, unzip] = ["zip", "unzip"].map((name) =>
    ["/usr/bin", "/bin"].map((dir) => join(dir, name)).find(existsSync),
  );
  if (zip === undefined || unzip === undefined) {
    return {
      slices: [],
      comparisons: [],
      left: ["Info-ZIP is not installed here: nothing of this is measured."],
      close: async () => {},
    };
  }
  const dir = mkdtempSync(join(bench.memoryDir, "zips-"));
  const ours: Program<ArchivesQuestion, ArchivesAnswer> = startProgram(
    bench,
    new URL("../programs/archives.ts", import.meta.url),
  );
  const slicesOf = ({ label, bytes }: Tree): readonly Slice[] => {
    const tree = makeTree(join(dir, label), bytes);
    const packed = `${tree}.zip`;
    const written = `${tree}-written.zip`;
    const unpacked = `${tree}-unpacked`;
    const infoZip = async (name: string, args: readonly string[], result: string) => {
      rmSync(result, { recursive: true, force: true });
      return timed(bench, () => start(bench, name, args, { cwd: tree }));
    };
    const doUnzip = () => infoZip(unzip, ["-q", packed, "-d", unpacked], unpacked);
    const doZip = () => infoZip(zip, ["-q", "-r", "-6", written, "."], written);
    const ask = async (question: ArchivesQuestion) => (await ours.ask(question)).ms;
    const measured = (name: string, run: () => Promise<number>): Slice => ({
      name,
      run: async () => ({ [`${name} ${label}`]: await run() }),
    });
    return [
      measured("unzip", doUnzip),
      measured("extract", () =>
        ours.profiled(`extract ${label}`, () => ask({ what: "extract", from: packed, to: unpacked })),
      ),
      measured("unzip again", doUnzip),
      measured("zip", doZip),
      measured("pack", () => ours.profiled(`zip ${label}`, () => ask({ what: "zip", from: tree, to: written }))),
      measured("zip again", doZip),
    ];
  };
  const slices = TREES.flatMap(slicesOf);
  for (const { label } of TREES) {
    const tree = join(dir, label);
    await timed(bench, () => start(bench, zip, ["-q", "-r", "-6", `${tree}.zip`, "."], { cwd: tree }));
  }
  return {
    slices,
    comparisons: TREES.flatMap(comparisonsOf),
    async close() {
      await ours.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function comparisonsOf({ label }: Tree): readonly Comparison[] {
  return [
    {
      label: `a zip of ${label} unpacked, against unzip`,
      ours: `extract ${label}`,
      floor: `unzip ${label}`,
      twins: [`unzip ${label}`, `unzip again ${label}`],
      unit: "ms",
      goal: { atMost: 1 },
    },
    {
      label: `a folder of ${label} zipped, against zip -6`,
      ours: `pack ${label}`,
      floor: `zip ${label}`,
      twins: [`zip ${label}`, `zip again ${label}`],
      unit: "ms",
      goal: { atMost: 1.6 },
    },
  ];
}

/** Copies files of the packages that are installed, in order, until it is so many bytes. */
function makeTree(dir: string, bytes: number): string {
  mkdirSync(dir);
  let left = bytes;
  for (const file of filesBelow(join(ROOT, "node_modules"))) {
    const { size } = lstatSync(file);
    if (size > FILE_BYTES_MAX) continue;
    if (left < size) break;
    const target = join(dir, relative(join(ROOT, "node_modules"), file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
    left -= size;
  }
  return dir;
}

/** Programs of other machines among the packages are not what functions are made of. */
const FILE_BYTES_MAX = 1_000_000;

function* filesBelow(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}
