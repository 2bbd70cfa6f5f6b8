import { command, runCommand } from "../command-line.ts";
import { EXIT } from "../failure.ts";
import { checkPipeline } from "../preflight/check-pipeline.ts";
import { placeFindings } from "../preflight/place-findings.ts";
import { checkDocument, checkLines, countBySeverity } from "../preflight/show-findings.ts";
import { readProject } from "../project/read-project.ts";
import { paintLine } from "../screen/line.ts";
import { loadPaint, wantsColour } from "../screen/paint.ts";

const declared = command({
  name: "check",
  about: "Tells what would go wrong with a pipeline, without running anything.",
  argument: {
    name: "<pipeline file or folder>",
    about: "Pipeline declaration (JSON or YAML), or the folder that has one",
  },
  options: {
    json: { about: "Print one JSON document, and nothing else" },
  },
  examples: [
    {
      about: "The pipeline of a folder, with what its penstock.yaml declares",
      command: "penstock check examples/demo",
    },
    {
      about: "The policy statements that are missing",
      command: "penstock check . --json | jq '.findings[] | select(.statement) | {policyOf, statement}'",
    },
  ],
  more: [
    "It asks: does the structure hold, is each function there, may its role report both results, may the pipeline's role call it and reach its artifacts, do the policies of buckets and keys agree, who trusts whom, are variables known before they are used, do they fit into JSON, are values too long, is anything left over. Policies are decided by the server's own evaluator.",
    "Exit status: 0 no errors, 1 errors, 2 a file cannot be read.",
  ],
});

/** `penstock check`. */
export function pipelineCheck(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument, options }) => {
    const project = await readProject(argument);
    const findings = await placeFindings(await checkPipeline(project), project, argument);
    if (options.json) process.stdout.write(`${JSON.stringify(checkDocument(project, findings), null, 2)}\n`);
    else {
      for (const note of project.notes) process.stderr.write(`note: ${note}\n`);
      const paint = await loadPaint(wantsColour(process.stdout, process.env));
      const lines = checkLines(project, findings).map((line) => `${paintLine(line, paint)}\n`);
      process.stdout.write(lines.join(""));
    }
    return countBySeverity(findings).error > 0 ? EXIT.pipelineFailed : EXIT.fine;
  });
}
