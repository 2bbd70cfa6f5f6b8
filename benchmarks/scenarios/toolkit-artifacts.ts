import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Bench, start, timed } from "../bench.ts";
import type { Comparison } from "../measuring/compare.ts";
import type { Rig, Slice } from "../measuring/rounds.ts";
import { type Program, startProgram } from "../program.ts";
import type { ArtifactsAnswer, ArtifactsQuestion } from "../programs/toolkit-artifacts.ts";
import type { Scenario } from "./scenario.ts";

type Worker = Program<ArtifactsQuestion, ArtifactsAnswer>;
type By = ArtifactsQuestion["by"] | "Info-ZIP";

/** How fast artifacts are packed and unpacked. */
export const toolkitArtifacts: Scenario = {
  name: "toolkit-artifacts",
  title: "Artifacts of 100 MB, packed and unpacked",
  method:
    "A folder of 400 files of 250 KB, lines of JSON, becomes a zip and the zip a folder again, on the same disk. Ours is the toolkit in a job, with files in place of objects in S3. The floors are Info-ZIP's `zip` and `unzip`, each a process of its own, and the libraries of npm in a process that stays, as ours does.",
  roundsCount: 5,
  warmUpCount: 1,
  open: openSpeed,
};

/** What the largest artifacts cost in memory. */
export const toolkitMemory: Scenario = {
  name: "toolkit-memory",
  title: "Memory of a function while it packs and unpacks 1 GB",
  method:
    "Eight files of 125 MB become a zip, and the zip a folder again. Ours is how far the resident set of the process rose at most above what it was before, read from the kernel, in a process that has done the same with 10 MB. It is held against what it may rise, 64 MiB, which is a constant and so no measure of the machine.",
  roundsCount: 3,
  warmUpCount: 0,
  open: openMemory,
};

const MEBIBYTES_MAX = 64;
/** A ratio needs a figure above nothing. Unit: mebibytes. */
const LEAST = 0.1;

async function openSpeed(bench: Bench): Promise<Rig> {
  const dir = join(bench.workDir, "artifacts-of-100-mb");
  const folder = makeFolder(dir, { filesCount: 400, fileBytes: 250_000, filler: "" });
  const names: readonly By[] = ["toolkit", "fflate", "yauzl and yazl"];
  const workers = new Map<By, Worker>(names.map((by) => [by, startWorker(bench)]));
  await timed(bench, () => start(bench, "zip", ["-q", "-r", "-D", join(dir, "in.zip"), "."], { cwd: folder }));
  const measure = async (what: ArtifactsQuestion["what"], by: By): Promise<number> => {
    const [target, zip] = [join(dir, "unpacked"), join(dir, what === "pack" ? "out.zip" : "in.zip")];
    for (const old of what === "pack" ? [zip] : [target]) rmSync(old, { recursive: true, force: true });
    if (by !== "Info-ZIP") {
      const answer = await workers.get(by)?.ask({ by, what, folder: what === "pack" ? folder : target, zip });
      return answer?.ms ?? Number.NaN;
    }
    return what === "pack"
      ? await timed(bench, () => start(bench, "zip", ["-q", "-r", "-D", zip, "."], { cwd: folder }))
      : await timed(bench, () => start(bench, "unzip", ["-q", zip, "-d", target], {}));
  };
  const slice = (what: ArtifactsQuestion["what"], by: By, more = ""): Slice => {
    const name = `${what} ${by}${more}`;
    return { name, run: async () => ({ [name]: await measure(what, by) }) };
  };
  const all: readonly By[] = ["Info-ZIP", ...names];
  return {
    slices: (["pack", "unpack"] as const).flatMap((what) => [
      ...all.map((by) => slice(what, by)),
      slice(what, "Info-ZIP", " again"),
    ]),
    comparisons: (["unpack", "pack"] as const).flatMap((what) =>
      all.filter((by) => by !== "toolkit").map((by) => comparisonOf(what, by)),
    ),
    close: async () => {
      await Promise.all([...workers.values()].map((worker) => worker.stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const comparisonOf = (what: ArtifactsQuestion["what"], by: By): Comparison => ({
  label: `${what} 100 MB, against ${by}`,
  ours: `${what} toolkit`,
  floor: `${what} ${by}`,
  twins: [`${what} Info-ZIP`, `${what} Info-ZIP again`],
  unit: "ms",
});

async function openMemory(bench: Bench): Promise<Rig> {
  const dir = join(bench.workDir, "artifacts-of-1-gb");
  const filler = "as is usual, ".repeat(40); // memory is the question, so packing may be quick
  const small = makeFolder(join(dir, "small"), { filesCount: 2, fileBytes: 5_000_000, filler });
  const large = makeFolder(join(dir, "large"), { filesCount: 8, fileBytes: 125_000_000, filler });
  const unpacked = join(dir, "unpacked");
  const worker = startWorker(bench);
  const both = async (folder: string) => {
    const rose = async (what: ArtifactsQuestion["what"], place: string, zip: string) => {
      const { roseMebibytes } = await worker.ask({ by: "toolkit", what, folder: place, zip: join(dir, zip) });
      return Math.max(roseMebibytes, LEAST);
    };
    rmSync(unpacked, { recursive: true, force: true });
    const pack = await rose("pack", folder, "out.zip");
    renameSync(join(dir, "out.zip"), join(dir, "in.zip"));
    return { pack, unpack: await rose("unpack", unpacked, "in.zip"), allowed: MEBIBYTES_MAX };
  };
  await both(small);
  return {
    slices: [{ name: "pack and unpack", run: () => both(large) }],
    comparisons: (["pack", "unpack"] as const).map((ours) => ({
      label: `${ours} 1 GB`,
      ours,
      floor: "allowed",
      twins: ["allowed", "allowed"],
      unit: "MiB",
      goal: { atMost: 1 },
    })),
    close: async () => {
      await worker.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const startWorker = (bench: Bench): Worker =>
  startProgram(bench, new URL("../programs/toolkit-artifacts.ts", import.meta.url));

interface FolderOptions {
  readonly filesCount: number;
  readonly fileBytes: number;
  /** Stands in every line; the longer, the better they pack. */
  readonly filler: string;
}

/** Files of lines of JSON, each beginning with another, so that none is like another. */
function makeFolder(dir: string, { filesCount, fileBytes, filler }: FolderOptions): string {
  const text = Buffer.from(Array.from({ length: LINES_COUNT }, (_, index) => lineOf(index, filler)).join(""));
  for (let index = 0; index < filesCount; index += 1) {
    const folder = join(dir, "files", `folder-${index % 20}`);
    mkdirSync(folder, { recursive: true });
    const file = openSync(join(folder, `file-${index}.json`), "w");
    const start = (index * 506_816) % text.length;
    for (let written = 0, at = start; written < fileBytes; at = 0) {
      written += writeSync(file, text.subarray(at, at + fileBytes - written));
    }
    closeSync(file);
  }
  return join(dir, "files");
}

const LINES_COUNT = 40_000;

function lineOf(index: number, filler: string): string {
  const digest = createHash("sha256").update(String(index)).digest("hex").slice(0, 24);
  return `{"id":${index},"name":"item ${index % 97}","note":"${filler}","digest":"${digest}"}\n`;
}
