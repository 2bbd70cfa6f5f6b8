import { command, runCommand } from "../command-line.ts";
import { askPages, URL_DEFAULT } from "../execution/own-pages.ts";
import { EXIT, inputWrong } from "../failure.ts";

const declared = command({
  name: "approve",
  about: "Approves or rejects what a manual approval of a running server waits for.",
  argument: { name: "<token>", about: "Token of the approval: the id of its action execution" },
  options: {
    reject: { about: "Reject it: the action fails" },
    summary: { value: "TEXT", about: "What is said with it, at most 512 characters" },
    url: { value: "URL", about: `Server to ask (default ${URL_DEFAULT})` },
  },
  examples: [
    { about: "With the token that run printed", command: "penstock approve 4d92f100-56f6-53be-9e98-ed743fa0f0da" },
    {
      about: "The other way",
      command: 'penstock approve 4d92f100-56f6-53be-9e98-ed743fa0f0da --reject --summary "not today"',
    },
  ],
  more: [
    "It is decided in the name of the account's root. Any AWS client does the same with PutApprovalResult.",
    "Exit status: 0 it was decided, 2 there is no such approval or it is closed, 3 nobody could be asked.",
  ],
});

interface Decided {
  readonly pipeline: string;
  readonly stage: string;
  readonly action: string;
  readonly status: string;
}

/** `penstock approve`. */
export function approvalPut(args: readonly string[]): Promise<number> {
  return runCommand(
    declared,
    args,
    async ({ argument: token, options: { reject, summary = "", url = URL_DEFAULT } }) => {
      const decision = { status: reject ? "Rejected" : "Approved", summary };
      const decided = await askPages<Decided>(url, `approvals/${encodeURIComponent(token)}`, decision);
      if (!decided) {
        const remedy = "run prints the token, penstock why tells it, and GetPipelineState shows it.";
        throw inputWrong(`no approval has the token ${token}`, remedy);
      }
      process.stdout.write(`${decided.stage}/${decided.action} of ${decided.pipeline}: ${decided.status}\n`);
      return EXIT.fine;
    },
  );
}
