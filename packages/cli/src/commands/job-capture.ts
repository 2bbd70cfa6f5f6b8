import { writeFileSync } from "node:fs";
import type { JobCapture } from "@penstock/server";
import { captureEvent } from "../capture/capture-event.ts";
import { fromDataFolder } from "../capture/resting-folder.ts";
import { command, runCommand } from "../command-line.ts";
import { askPages, URL_DEFAULT } from "../execution/own-pages.ts";
import { EXIT, inputWrong } from "../failure.ts";
import { loadCapture } from "../server-port.ts";

const declared = command({
  name: "capture",
  about: "Writes down a job, without its credentials, so that it can be kept and run again.",
  argument: { name: "[job]", about: "Id of a job", isOptional: true },
  options: {
    url: { value: "URL", about: `Server to ask (default ${URL_DEFAULT})` },
    data: { value: "DIR", about: "Data directory to read instead, which no server may be using" },
    event: { value: "FILE", about: "Make it from an event that was saved, as from a log of AWS" },
    out: { value: "FILE", about: "Write it there, instead of to standard output" },
    embed: { about: "Put the artifacts into it, each up to 10 MB" },
    "with-values": { about: "With --data: the values of the function's environment variables too" },
  },
  examples: [
    {
      about: "A job of a server that is running, with its artifacts",
      command: "penstock capture fe05d742-e301-5fe0-8405-977adeb63069 --embed --out job.json",
    },
    {
      about: "A job of a run that kept its data",
      command: "penstock capture fe05d742-e301-5fe0-8405-977adeb63069 --data ./kept --out job.json",
    },
    {
      about: "A job of AWS, from the event in a log",
      command: "penstock capture --event cloudwatch.log --out job.json",
    },
  ],
  more: [
    "It holds the event without artifactCredentials, so user parameters and the continuation token too; the function's name, handler and code folder; the names of its environment variables; and what became of it.",
    "Exit status: 0 it is written, 2 there is no such job or event, 3 nobody could be asked.",
  ],
});

/** `penstock capture`. */
export function jobCapture(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument: jobId, options }) => {
    const text = `${JSON.stringify(await made(jobId, options), null, 2)}\n`;
    if (options.out === undefined) process.stdout.write(text);
    else writeFileSync(options.out, text, { mode: 0o600 });
    return EXIT.fine;
  });
}

interface Given {
  readonly url: string | undefined;
  readonly data: string | undefined;
  readonly event: string | undefined;
  readonly embed: boolean;
  readonly "with-values": boolean;
}

async function made(jobId: string, options: Given): Promise<JobCapture> {
  const { url, data, event, embed } = options;
  checkChoice(jobId, options);
  if (event !== undefined) return captureEvent(event, (await loadCapture()).CAPTURE_VERSION);
  const withValues = options["with-values"];
  const captured =
    data === undefined
      ? await askPages<JobCapture>(
          url ?? URL_DEFAULT,
          `jobs/${encodeURIComponent(jobId)}/capture${embed ? "?embed=1" : ""}`,
        )
      : await fromDataFolder(data, jobId, (folder) => folder.capture(jobId, { embeds: embed, withValues }));
  if (captured) return captured;
  throw inputWrong(
    `there is no job ${jobId}`,
    "Its id is in what run prints, in the job's event, and in penstock why.",
  );
}

function checkChoice(jobId: string, { url, data, event, embed, "with-values": withValues }: Given): void {
  const chosen = [url, data, event].filter((one) => one !== undefined);
  if (chosen.length > 1) {
    throw inputWrong("--url, --data and --event exclude each other", "Say where the job is: in one of them.");
  }
  if (event !== undefined && (jobId !== "" || embed || withValues)) {
    throw inputWrong("--event takes no job, no --embed and no --with-values", "The event itself is all there is.");
  }
  if (event === undefined && jobId === "") throw inputWrong("capture needs a job, or --event FILE", SEE_HELP);
  if (withValues && data === undefined) {
    throw inputWrong(
      "--with-values needs --data",
      "A server does not tell the values of variables; stop it, and name its data directory.",
    );
  }
}

const SEE_HELP = "See: penstock capture --help";
