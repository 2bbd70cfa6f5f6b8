import { asksForHelp, command, helpText, readCommandLine } from "../command-line.ts";
import { askPages, URL_DEFAULT } from "../execution/own-pages.ts";
import { EXIT, inputWrong } from "../failure.ts";
import { readDuration } from "../option-values.ts";

const declared = command({
  name: "clock advance",
  about: "Sets the clock of a running server forward, so that whatever is due until then happens now.",
  argument: { name: "<duration>", about: "Such as 20m, 24h or 1h30m" },
  options: { url: { value: "URL", about: `Server to ask (default ${URL_DEFAULT})` } },
  examples: [
    { about: "Past the wait for a report", command: "penstock clock advance 20m" },
    { about: "Past the credentials of a job", command: "penstock clock advance 15m" },
  ],
  more: [
    "Timers, credentials and the times that S3, IAM and logs show follow the clock; signatures are checked by the real one.",
    "Refused with --timing aws. The clock is the machine's again when the server starts anew.",
  ],
});

/** `penstock clock advance`. */
export async function clockAdvance(args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) {
    process.stdout.write(helpText(declared));
    return EXIT.fine;
  }
  const [verb, ...rest] = args;
  if (verb !== "advance") {
    const what = verb === undefined ? "penstock clock needs to be told what to do" : `penstock clock cannot ${verb}`;
    throw inputWrong(what, "Say: penstock clock advance 20m");
  }
  const { argument, options } = readCommandLine(declared, rest);
  const url = options.url ?? URL_DEFAULT;
  const page = await askPages<{ now: number; aheadMs: number }>(url, "clock", { advanceMs: readDuration(argument) });
  if (!page) throw inputWrong(`${url} has no clock to set`, "Name a server of Penstock with --url.");
  process.stdout.write(`It is ${new Date(page.now).toISOString()} on ${url}.\n`);
  return EXIT.fine;
}
