/** The event of a job without the run of its function. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT, inputWrong } from "../failure.ts";
import { deployProject } from "../project/deploy.ts";
import type { Project } from "../project/project.ts";
import { INVOKE_STAGE } from "../project/single-action.ts";
import type { Server, StoryEntry } from "../server-port.ts";
import { watchInterrupts } from "./interrupts.ts";
import { type SessionOptions, withServer } from "./session.ts";
import { startExecution } from "./start-execution.ts";
import { throwAwayFolder } from "./throw-away-folder.ts";

/** Stands in for the function, so that looking at its event has no effects: it says nothing for as long as it is let. */
const STAND_IN = "export const handler = () => new Promise((answer) => setTimeout(answer, 900_000));\n";

/** Answers the event that the function of an `invoke` project would receive. */
export async function jobEventOf(project: Project, options: SessionOptions): Promise<object> {
  const folder = throwAwayFolder();
  const interrupts = watchInterrupts();
  void interrupts.first.then(() => process.exit(EXIT.interrupted));
  try {
    writeFileSync(join(folder.path, "index.mjs"), STAND_IN);
    return await withServer(options, async ({ server, archive }) => {
      const job = firstJob(server);
      job.catch(() => {}); // when deploying fails first, that is the failure to tell
      await deployProject(server, archive, withStandIn(project, folder.path), () => {});
      await startExecution(server, project.pipeline.name, {});
      return server.jobEvent(await job);
    });
  } finally {
    interrupts.stop();
    folder.remove();
  }
}

function withStandIn(project: Project, code: string): Project {
  const change = (name: string): Project["functions"] => {
    const declared = project.functions[name];
    return declared ? { [name]: { ...declared, runtime: "nodejs24.x", handler: "index.handler", code } } : {};
  };
  return { ...project, functions: Object.assign({}, ...Object.keys(project.functions).map(change)) };
}

/** The id of the first job of the Lambda action; fails when the execution ends before there is one. */
function firstJob(server: Server): Promise<string> {
  return new Promise((found, failed) => {
    let reason = "";
    server.watch((entry: StoryEntry) => {
      if (entry.type === "jobCreated" && entry.stage === INVOKE_STAGE && entry.jobId) found(entry.jobId);
      if (entry.type === "actionFinished" && entry.error)
        reason = `${entry.action}: ${entry.error.code}: ${entry.error.message}`;
      if (entry.type === "executionFinished")
        failed(inputWrong(`there is no job, because the pipeline ended before: ${reason}`, "Correct what it says."));
    });
  });
}

const MASK = "****";
const SECRETS = ["secretAccessKey", "sessionToken"];

/** A copy of an event with its credentials made useless. */
export function maskSecrets(event: object): object {
  const text = JSON.stringify(event, (key, value: unknown) =>
    SECRETS.includes(key) && typeof value === "string" ? MASK : value,
  );
  return JSON.parse(text) as object; // it was an object a line ago
}
