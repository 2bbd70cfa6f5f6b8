import type { Bench } from "../bench.ts";
import type { Figures } from "../measuring/compare.ts";
import type { Rig } from "../measuring/rounds.ts";
import { type Program, startProgram } from "../program.ts";
import type { ObjectStoreAnswer, ObjectStoreQuestion } from "../programs/object-store.ts";
import type { TransfersAnswer, TransfersQuestion } from "../programs/transfers.ts";
import type { Scenario } from "./scenario.ts";

/** How far memory may rise. Unit: mebibytes. */
const ALLOWED = 64;

/** What a large artifact costs the server in memory. */
export const largeArtifact: Scenario = {
  name: "large-artifact",
  title: "Memory of the server while an artifact of 2 GB goes in and out",
  method: `Ours is how far the server's resident set rose at most above what it was before, read from the kernel: an artifact of 2 GB is put, then fetched, by another process. It is held against what it may rise, ${ALLOWED} MiB, which is a constant and so no measure of the machine.`,
  roundsCount: 3,
  warmUpCount: 0,
  open,
};

const ARTIFACT_BYTES = 2 * 1024 ** 3;
/** Requests before anything is weighed, so that code and buffers of every request are there. */
const WARM_UP_BYTES = 4 * 1024 ** 2;

type Store = Program<ObjectStoreQuestion, ObjectStoreAnswer>;
type Client = Program<TransfersQuestion, TransfersAnswer>;

async function open(bench: Bench): Promise<Rig> {
  const program = (path: string) => new URL(path, import.meta.url);
  const store: Store = startProgram(bench, program("../programs/object-store.ts"));
  const client: Client = startProgram(bench, program("../programs/transfers.ts"));
  const { port, bucket } = await store.ask({ workDir: bench.workDir });
  const transfer = async (method: "GET" | "PUT", sizeBytes: number) =>
    void (await client.ask({ port, method, path: `/${bucket}/${sizeBytes}`, sizeBytes, count: 1 }));
  await transfer("PUT", WARM_UP_BYTES);
  await transfer("GET", WARM_UP_BYTES);
  const rise = async (method: "GET" | "PUT"): Promise<number> => {
    const { residentMebibytes: before } = await store.ask({ workDir: bench.workDir });
    await transfer(method, ARTIFACT_BYTES);
    const { peakMebibytes } = await store.ask({ workDir: bench.workDir });
    return Math.max(peakMebibytes - before, LEAST);
  };
  const run = async (): Promise<Figures> => {
    const [put, get] = [await rise("PUT"), await rise("GET")];
    return { put, get, allowed: ALLOWED };
  };
  return {
    slices: [{ name: "in and out", run }],
    comparisons: (["put", "get"] as const).map((ours) => ({
      label: ours === "put" ? "in" : "out",
      ours,
      floor: "allowed",
      twins: ["allowed", "allowed"],
      unit: "MiB",
      goal: { atMost: 1 },
    })),
    close: async () => void (await Promise.all([store.stop(), client.stop()])),
  };
}

/** A ratio needs a figure above nothing. Unit: mebibytes. */
const LEAST = 0.1;
