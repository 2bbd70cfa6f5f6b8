/* The table of the ways in which a function can end, as a page: from the rows that the tests drive. */

import { WAYS, withSdkAlone } from "../src/ways-to-end.scripted.ts";

/** Messages are cut to this in the table. Unit: characters. */
const SHOWN_CHARACTERS_MAX = 160;

const OPENING = `# Ways to end

<!-- Written from packages/toolkit/src/ways-to-end.scripted.ts by packages/toolkit/published/write-published.ts. -->

An Invoke action waits for a report, not for the end of its function. A function that ends without one leaves its action
in progress for 20 minutes. Functions of the [toolkit](reference/toolkit.md) report once, however they end.

Each row is driven through a real pipeline, with the function in a process of its own: there is exactly one report for
each job, of one call, with this type and message. Messages also have the id of the Lambda request at their end. The last
column is the same function with the AWS SDK alone, which reports success at its end, as most do; it is empty where the
row needs the toolkit.
`;

const CLOSING = `## When the report itself goes wrong

| what happens | what becomes of it |
|---|---|
| CodePipeline throttles the report, or cannot be reached | the SDK tries 6 times; then the call fails with \`ReportNotSent\`, Lambda calls again, and the same report is sent, without another run |
| the report is taken, but its answer gets lost | Lambda calls again, and the same report is sent; the service takes equal ones twice |
| Lambda delivers an event again that was answered before | it is answered the same; nothing is run or sent |
| it does so in another environment, where the job is run anew | the service refuses a second, different result; the first one counts, and the log says so |
| the function's role may not report a success | the job fails with \`PermissionError\` and says what is missing |
| the function's role may not report at all | nothing can be reported; each call fails with \`ReportNotSent\`, which names both rights |

## What no library can report

What ends the process itself: no memory left, a crash of native code, a signal. A loop that never lets go of the event
loop keeps also the deadline's guard from running. Lambda then calls again, twice, with the same job; see
[Troubleshooting](troubleshooting.md) for how to find out.
`;

/** The text of `docs/ways-to-end.md`. */
export function waysPage(): string {
  const rows = Object.entries(WAYS).map(
    ([way, { report }]) => `| ${cell(way)} | ${reportCell(report)} | ${aloneCell(way)} |`,
  );
  const head = ["| a function that, or in which | reports | with the SDK alone |", "|---|---|---|"];
  return [OPENING, ...head, ...rows, "", CLOSING].join("\n");
}

/** `Failed JobFailed: no luck` becomes a type and a message. */
function reportCell(report: string): string {
  const parts = report.split(/, (?=Succeeded|Continued)/).map((part) => {
    const [, type, message = ""] = /^Failed (\w+): (.*)$/s.exec(part) ?? [];
    return type ? `\`${type}\`: ${cell(shortened(message))}` : cell(part.replace(/ (.*)$/, " `$1`"));
  });
  return parts.join(", then ");
}

const aloneCell = (way: string) =>
  ({ hangs: "**hangs**", "reports success": "success", none: "" })[withSdkAlone(way) ?? "none"];

const shortened = (text: string) =>
  text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, text.lastIndexOf(" ", SHOWN_CHARACTERS_MAX))} …` : text;

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "\\<");
