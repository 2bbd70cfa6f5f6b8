import { text } from "node:stream/consumers";
import { type Server, startServer } from "../src/index.ts";
import { deploy, PIPELINE_NAME } from "./killed-pipeline.ts";

/*
 * A program for kill.test.ts: a server that kills its own process at a moment that it is given, or that takes up
 * what such a one left. It deploys what is not there, asks for one execution by a token, and says in lines of JSON
 * what happens.
 */

/** What the program is told, as JSON in its only argument. */
export interface Orders {
  readonly dataDir: string;
  readonly ledger: string;
  /** Where the functions stand, ready to run. */
  readonly codeDir: string;
  /** `story.…` are kinds of entries of the story, as a listener hears them. */
  readonly kill?: { readonly moment: string; readonly nth: number };
  readonly python?: string;
  /** Where it is kept which interpreters there are, so that not every life has to ask them. */
  readonly cacheDir: string;
}

/** What it says, one a line. */
export type Line =
  | { readonly type: "story"; readonly entry: { readonly type: string; readonly jobId?: string } }
  | { readonly type: "fault"; readonly message: string }
  | { readonly type: "ended"; readonly status: string; readonly signed: string };

await run(JSON.parse(process.argv[2] ?? "{}") as Orders); // the test wrote it

async function run(orders: Orders): Promise<void> {
  const { dataDir, cacheDir, python } = orders;
  const onMoment = killer(orders);
  const server = await startServer({
    dataDir,
    cacheDir,
    timing: "fast",
    unreported: "fail",
    onMoment,
    log: (level, message) => level === "error" && say({ type: "fault", message }),
    ...(python !== undefined && { python }),
  });
  server.watch((entry) => {
    say({ type: "story", entry });
    onMoment(`story.${entry.type}`);
  });
  await deploy(server, orders);
  const start = { name: PIPELINE_NAME, clientRequestToken: "the-only-start" };
  const { pipelineExecutionId } = (await server.call("codepipeline", "StartPipelineExecution", start)) as {
    pipelineExecutionId: string; // as the model has it
  };
  await server.settled(pipelineExecutionId);
  say({ type: "ended", ...(await readEnd(server, pipelineExecutionId)) });
  await server.stop();
}

function say(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Kills this process, as nothing can refuse, when a moment comes for the nth time. */
function killer({ kill }: Orders): (moment: string) => void {
  let left = kill?.nth ?? 0;
  return (moment) => {
    if (moment !== kill?.moment) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };
}

/** How the execution ended, and what the last function wrote. */
async function readEnd(server: Server, pipelineExecutionId: string): Promise<{ status: string; signed: string }> {
  const asked = { pipelineName: PIPELINE_NAME, pipelineExecutionId };
  const { pipelineExecution } = (await server.call("codepipeline", "GetPipelineExecution", asked)) as {
    pipelineExecution: { status: string }; // as the model has it
  };
  const { actionExecutionDetails } = (await server.call("codepipeline", "ListActionExecutions", {
    pipelineName: PIPELINE_NAME,
  })) as { actionExecutionDetails: { actionName: string; output?: Output }[] }; // as the model has it
  const place = actionExecutionDetails.find(({ actionName }) => actionName === "Sign")?.output?.outputArtifacts?.[0];
  if (!place) return { status: pipelineExecution.status, signed: "" };
  const { bucket, key } = place.s3location;
  const { body } = await server.objects.get({ bucket, key });
  return { status: pipelineExecution.status, signed: await text(body) };
}

interface Output {
  readonly outputArtifacts?: readonly { readonly s3location: { readonly bucket: string; readonly key: string } }[];
}
