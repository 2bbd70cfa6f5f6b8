/** A server in this process with a bucket, and how much memory the process holds. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Server } from "@penstock/server";
import { answerQuestions } from "../program.ts";
import { placesIn, REGION, startBenchServer } from "./ground.ts";

export interface ObjectStoreQuestion {
  /** Folder of the bench. */
  readonly workDir: string;
}

export interface ObjectStoreAnswer {
  readonly port: number;
  readonly bucket: string;
  /** Resident set now. Unit: mebibytes. */
  readonly residentMebibytes: number;
  /** The most that it was since the last question. Unit: mebibytes. */
  readonly peakMebibytes: number;
}

const BUCKET = "bench-objects";

let running: Promise<Server> | undefined;

answerQuestions(
  async ({ workDir }: ObjectStoreQuestion): Promise<ObjectStoreAnswer> => {
    running ??= open(workDir);
    const { port } = await running;
    const status = readFileSync("/proc/self/status", "utf8");
    const answer = {
      port,
      bucket: BUCKET,
      residentMebibytes: read(status, "VmRSS"),
      peakMebibytes: read(status, "VmHWM"),
    };
    writeFileSync("/proc/self/clear_refs", FORGET_PEAK);
    return answer;
  },
  async () => (await running)?.stop(),
);

/** Source: proc(5), `clear_refs`: the peak of the resident set begins anew. */
const FORGET_PEAK = "5";

async function open(workDir: string): Promise<Server> {
  const server = await startBenchServer(placesIn(workDir, "object-store"));
  await server.objects.createBucket(BUCKET, REGION).catch(ignoreOneThatIsThere);
  return server;
}

/** Scenarios share a work folder. */
function ignoreOneThatIsThere(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "BucketAlreadyOwnedByYou")) throw error;
}

/** Source: proc(5), `status`; Linux only. */
function read(status: string, field: "VmRSS" | "VmHWM"): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
}
