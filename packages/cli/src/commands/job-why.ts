import { command, runCommand } from "../command-line.ts";
import { askPages, URL_DEFAULT } from "../execution/own-pages.ts";
import { EXIT, inputWrong, surroundingsFailed } from "../failure.ts";
import { diagnosisLines } from "../screen/diagnosis-lines.ts";
import { paintLine } from "../screen/line.ts";
import { loadPaint, wantsColour } from "../screen/paint.ts";
import { type Diagnosis, loadWhy } from "../server-port.ts";

const declared = command({
  name: "why",
  about: "Says why an action stands where it stands: the cause, the evidence, and what to do.",
  argument: { name: "<execution or job>", about: "Id of a pipeline execution or of a job" },
  options: {
    url: { value: "URL", about: `Server to ask (default ${URL_DEFAULT})` },
    data: { value: "DIR", about: "Data directory to read instead, which no server may be using" },
    json: { about: "Print one JSON document, and nothing else" },
  },
  examples: [
    { about: "Of a server that is running", command: "penstock why 4d92f100-56f6-43be-9e98-ed743fa0f0da" },
    {
      about: "Of a run that kept its data",
      command: "penstock run . --data ./kept; penstock why 4d92f100-56f6-43be-9e98-ed743fa0f0da --data ./kept",
    },
  ],
  more: ["Exit status: 0 it was told, 2 there is no such execution or job, 3 nobody could be asked."],
});

/** `penstock why`. */
export function jobWhy(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument: id, options: { url, data, json } }) => {
    if (url !== undefined && data !== undefined) {
      throw inputWrong("--url and --data exclude each other", "Name the server, or the data directory.");
    }
    const diagnoses = data === undefined ? await askServer(id, url ?? URL_DEFAULT) : await readData(id, data);
    if (diagnoses.length === 0) {
      const remedy = "Both ids are in what run prints, and in ListPipelineExecutions and the job's event.";
      throw inputWrong(`there is no execution or job ${id}`, remedy);
    }
    if (json) process.stdout.write(`${JSON.stringify({ diagnoses }, null, 2)}\n`);
    else await print(diagnoses);
    return EXIT.fine;
  });
}

async function print(diagnoses: readonly Diagnosis[]): Promise<void> {
  const paint = await loadPaint(wantsColour(process.stdout, process.env));
  const lines = diagnoses.flatMap(diagnosisLines);
  process.stdout.write(lines.map((line) => `${paintLine(line, paint)}\n`).join(""));
}

async function askServer(id: string, url: string): Promise<readonly Diagnosis[]> {
  const name = encodeURIComponent(id);
  const job = await askPages<{ diagnosis: Diagnosis }>(url, `jobs/${name}?limit=1`);
  if (job) return [job.diagnosis];
  const execution = await askPages<{ actions: { diagnosis: Diagnosis }[] }>(url, `executions/${name}?limit=1`);
  return execution?.actions.map(({ diagnosis }) => diagnosis) ?? [];
}

/** What the data folder says of itself when it cannot be read. */
const DATA_ERRORS = ["WhyError", "DataFolderError", "StoreVersionError"];

async function readData(id: string, dataDir: string): Promise<readonly Diagnosis[]> {
  const { whyOf } = await loadWhy();
  try {
    return await whyOf(id, dataDir);
  } catch (error) {
    if (error instanceof Error && DATA_ERRORS.includes(error.name)) throw surroundingsFailed(error.message, "", error);
    throw error;
  }
}
