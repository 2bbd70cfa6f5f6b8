/**
 * A server in this process, and jobs on it that wait for their report: their function was really called, and
 * returned without a word.
 */
import type { Server } from "@penstock/server";
import { answerQuestions } from "../program.ts";
import type { Credentials } from "../sign.ts";
import { deployChain, FUNCTION_ROLE_ARN, layGround, placesIn, startBenchServer, startExecution } from "./ground.ts";

export interface WaitingJobsQuestion {
  /** Folder of the bench. */
  readonly workDir: string;
  readonly jobsCount: number;
}

export interface WaitingJobsAnswer {
  readonly port: number;
  /** Of the function's role, so that the report is checked against its policy. */
  readonly credentials: Credentials;
  readonly jobIds: readonly string[];
}

const FUNCTION = "silent";
const PIPELINE = "waiting";

/** How many executions are started at once, at most. */
const STARTS_COUNT_MAX = 32;

let running: Promise<Server> | undefined;

answerQuestions(
  async ({ workDir, jobsCount }: WaitingJobsQuestion): Promise<WaitingJobsAnswer> => {
    running ??= startGround(workDir);
    const server = await running;
    return { port: server.port, credentials: await assumeRole(server), jobIds: await makeJobs(server, jobsCount) };
  },
  async () => (await running)?.stop(),
);

async function startGround(workDir: string): Promise<Server> {
  const server = await startBenchServer(placesIn(workDir, "waiting-jobs"));
  await layGround(server, FUNCTION);
  await deployChain(server, PIPELINE, FUNCTION, 1);
  return server;
}

async function assumeRole(server: Server): Promise<Credentials> {
  const input = { RoleArn: FUNCTION_ROLE_ARN, RoleSessionName: "bench" };
  // Output of AssumeRole, as the model has it.
  const { Credentials: issued } = (await server.call("sts", "AssumeRole", input)) as {
    Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string };
  };
  return {
    accessKeyId: issued.AccessKeyId,
    secretAccessKey: issued.SecretAccessKey,
    sessionToken: issued.SessionToken,
  };
}

/** Resolves when all functions have returned, so that nothing of the making is left to do. */
async function makeJobs(server: Server, jobsCount: number): Promise<readonly string[]> {
  const jobIds: string[] = [];
  const allReturned = Promise.withResolvers<void>();
  let returnedCount = 0;
  const unwatch = server.watch((entry) => {
    if (entry.type === "jobCreated" && entry.jobId !== undefined) jobIds.push(entry.jobId);
    if (entry.type === "actionFinished" && entry.status === "Failed")
      allReturned.reject(new Error(entry.error?.message));
    if (entry.type !== "attemptEnded") return;
    returnedCount += 1;
    startNext();
    if (returnedCount === jobsCount) allReturned.resolve();
  });
  let startedCount = 0;
  function startNext(): void {
    if (startedCount === jobsCount) return;
    startedCount += 1;
    startExecution(server, PIPELINE).catch(allReturned.reject);
  }
  for (let index = 0; index < Math.min(STARTS_COUNT_MAX, jobsCount); index += 1) startNext();
  await allReturned.promise.finally(unwatch);
  return jobIds;
}
