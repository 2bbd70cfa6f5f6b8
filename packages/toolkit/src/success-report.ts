import { JobFailed } from "./failure.ts";
import type { Success } from "./job.ts";
import type { Variables } from "./job-words.ts";
import {
  CHANGE_CHARACTERS_MAX,
  OUTPUT_VARIABLES_BYTES_MAX,
  REVISION_CHARACTERS_MAX,
  SUMMARY_CHARACTERS_MAX,
} from "./limits.ts";
import { cutText } from "./message.ts";
import { accepted, type StandardSchema } from "./standard-schema.ts";
import type { JobReport, JobRevision } from "./surroundings.ts";

/** Source: CodePipeline API reference, PutJobSuccessResult. */
const NAME = /^[\w@-]+$/;

/** A success as it is reported. Errors: `JobFailed` when the service would not take it. */
export async function successReport(
  { variables: given = {}, revision, summary }: Success<Variables>,
  schema: StandardSchema | undefined,
): Promise<JobReport> {
  const variables = await accepted(schema, [given], JobFailed, "The output variables are not as declared");
  let sizeBytes = 0;
  // Numbers and booleans are not turned into text in silence.
  for (const [name, value] of Object.entries(variables as Variables)) {
    const label = `The output variable ${JSON.stringify(name)}`;
    if (!NAME.test(name)) throw new JobFailed(`${label} has a name beyond A-Z, a-z, 0-9, @, - and _.`);
    if (typeof value !== "string") throw new JobFailed(`${label} is not a text but ${typeof value}.`);
    sizeBytes += Buffer.byteLength(name + value);
  }
  checkMost(sizeBytes, "output variables have", "bytes", OUTPUT_VARIABLES_BYTES_MAX);
  return {
    status: "Succeeded",
    ...(sizeBytes > 0 && { variables: variables as Variables }),
    ...(revision && { revision: checkedRevision(revision) }),
    ...shortened(summary),
  };
}

const shortened = (summary: string | undefined) => summary && { summary: cutText(summary, SUMMARY_CHARACTERS_MAX) };

function checkedRevision(revision: JobRevision): JobRevision {
  checkMost(revision.revision.length, "revision has", "characters", REVISION_CHARACTERS_MAX);
  checkMost(revision.changeIdentifier.length, "revision's changeIdentifier has", "characters", CHANGE_CHARACTERS_MAX);
  return { ...revision, ...shortened(revision.summary) };
}

function checkMost(size: number, what: string, unit: string, most: number): void {
  if (size > most) throw new JobFailed(`The ${what} ${size} ${unit}; CodePipeline takes at most ${most}.`);
}
