import type { Bench } from "../bench.ts";
import type { FilesAnswer, FilesQuestion } from "../floors/files.ts";
import type { Comparison, Goal } from "../measuring/compare.ts";
import type { Rig, Slice } from "../measuring/rounds.ts";
import { startProgram } from "../program.ts";
import type { ObjectStoreAnswer, ObjectStoreQuestion } from "../programs/object-store.ts";
import type { TransfersAnswer, TransfersQuestion } from "../programs/transfers.ts";
import type { Scenario } from "./scenario.ts";

const METHOD =
  "One connection, one request after the other, each signed with the hash of its body. A PUT is hashed, encrypted, synced and on record before it is answered; its floor is a copy of a file of that size, synced, without any network. The floor of a GET is Node's own stream of a file, fetched by the same client.";

/** Small and middling objects, and what encryption at rest costs. */
export const objects: Scenario = {
  name: "objects",
  title: "S3: objects of 1 KB and 10 MB",
  method: `${METHOD} Encryption is held against the same hashes and writes without it, in one process and in memory, so that it cannot hide behind a disk.`,
  roundsCount: 15,
  warmUpCount: 1,
  open: (bench) => open(bench, [SMALL, MIDDLING], true),
};

/** Objects that no memory should hold. */
export const objectsOfAGigabyte: Scenario = {
  name: "objects-1gb",
  title: "S3: objects of 1 GB",
  method: METHOD,
  roundsCount: 7,
  warmUpCount: 1,
  open: (bench) => open(bench, [LARGE], false),
};

interface Size {
  readonly label: string;
  readonly bytes: number;
  /** What is shown for it. */
  readonly unit: "/s" | "MB/s";
  readonly putsCount: number;
  readonly getsCount: number;
  readonly getGoal?: Goal;
}

const SMALL: Size = { label: "1 KB", bytes: 1024, unit: "/s", putsCount: 300, getsCount: 600 };
const MIDDLING: Size = {
  label: "10 MB",
  bytes: 10 * 1024 ** 2,
  unit: "MB/s",
  putsCount: 8,
  getsCount: 24,
  getGoal: { atLeast: 0.6 },
};
const LARGE: Size = {
  label: "1 GB",
  bytes: 1024 ** 3,
  unit: "MB/s",
  putsCount: 1,
  getsCount: 1,
  getGoal: { atLeast: 0.6 },
};

const BYTES_OF_A_MEGABYTE = 1e6;

/** Files of one slice that are encrypted, or not. */
const SEALED_COUNT = 8;
const SEALED_MEGABYTES = (SEALED_COUNT * MIDDLING.bytes) / BYTES_OF_A_MEGABYTE;

async function open(bench: Bench, sizes: readonly Size[], withSealing: boolean): Promise<Rig> {
  const program = (path: string) => new URL(path, import.meta.url);
  const store = startProgram<ObjectStoreQuestion, ObjectStoreAnswer>(bench, program("../programs/object-store.ts"));
  const client = startProgram<TransfersQuestion, TransfersAnswer>(bench, program("../programs/transfers.ts"));
  const files = startProgram<FilesQuestion, FilesAnswer>(bench, program("../floors/files.ts"));
  const { workDir, memoryDir: dir } = bench;
  const { port, bucket } = await store.ask({ workDir });
  const { port: filesPort } = await files.ask({ workDir, what: "serve", sizeBytes: 0, count: 0 });
  const measured = (name: string, amount: number, run: () => Promise<{ readonly ms: number }>): Slice => ({
    name,
    run: async () => ({ [name]: (amount / (await run()).ms) * 1000 }),
  });
  const slicesOf = ({ label, bytes: sizeBytes, unit, putsCount, getsCount }: Size): readonly Slice[] => {
    const amountOf = (count: number) => (unit === "/s" ? count : (count * sizeBytes) / BYTES_OF_A_MEGABYTE);
    const [puts, gets] = [amountOf(putsCount), amountOf(getsCount)];
    const put = { port, method: "PUT", path: `/${bucket}/${sizeBytes}`, sizeBytes, count: putsCount } as const;
    const get = { ...put, method: "GET", count: getsCount } as const;
    const copy = () => files.ask({ workDir, what: "copy", sizeBytes, count: putsCount });
    const stream = () => client.ask({ ...get, port: filesPort, path: `/${sizeBytes}` });
    return [
      measured(`copy ${label}`, puts, copy),
      measured(`PUT ${label}`, puts, () => store.profiled(`PUT ${label}`, () => client.ask(put))),
      measured(`copy ${label} again`, puts, copy),
      measured(`stream ${label}`, gets, stream),
      measured(`GET ${label}`, gets, () => store.profiled(`GET ${label}`, () => client.ask(get))),
      measured(`stream ${label} again`, gets, stream),
    ];
  };
  const seal = (what: "sealed" | "plain") => () =>
    files.ask({ workDir, dir, what, sizeBytes: MIDDLING.bytes, count: SEALED_COUNT });
  // The first round may begin with a GET: what it fetches has to be there.
  for (const { bytes: sizeBytes } of sizes) {
    await client.ask({ port, method: "PUT", path: `/${bucket}/${sizeBytes}`, sizeBytes, count: 1 });
    await files.ask({ workDir, what: "serve", sizeBytes, count: 0 });
  }
  const sealingSlices = [
    measured("plain", SEALED_MEGABYTES, seal("plain")),
    measured("sealed", SEALED_MEGABYTES, seal("sealed")),
    measured("plain again", SEALED_MEGABYTES, seal("plain")),
  ];
  return {
    slices: [...sizes.flatMap(slicesOf), ...(withSealing ? sealingSlices : [])],
    comparisons: [...sizes.flatMap(comparisonsOf), ...(withSealing ? [SEALING] : [])],
    close: async () => void (await Promise.all([store.stop(), client.stop(), files.stop()])),
  };
}

const SEALING: Comparison = {
  label: "encryption at rest of 10 MB, against none",
  ours: "sealed",
  floor: "plain",
  twins: ["plain", "plain again"],
  unit: "MB/s",
  goal: { atLeast: 0.85 },
};

function comparisonsOf({ label, unit, getGoal }: Size): readonly Comparison[] {
  return [
    {
      label: `PUT of ${label}, against a synced copy of a file`,
      ours: `PUT ${label}`,
      floor: `copy ${label}`,
      twins: [`copy ${label}`, `copy ${label} again`],
      unit,
    },
    {
      label: `GET of ${label}, against Node's stream of a file`,
      ours: `GET ${label}`,
      floor: `stream ${label}`,
      twins: [`stream ${label}`, `stream ${label} again`],
      unit,
      ...(getGoal && { goal: getGoal }),
    },
  ];
}
