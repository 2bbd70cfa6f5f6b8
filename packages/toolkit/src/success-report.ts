import { JobFailed } from "./failure.ts";
import type { Success } from "./job.ts";
import { cutText } from "./message.ts";
import { accepted, type StandardSchema } from "./standard-schema.ts";
import type { JobReport, JobRevision } from "./surroundings.ts";

/** Unit: UTF-16 code units, all three. Source: CodePipeline API reference, PutJobSuccessResult. */
const SUMMARY_CHARACTERS_MAX = 2048;
const REVISION_CHARACTERS_MAX = 1500;
const CHANGE_CHARACTERS_MAX = 100;

/**
 * All output variables of an action together, names and values.
 *
 * Unit: bytes of UTF-8. Source: CodePipeline user guide, "Quotas".
 */
const OUTPUT_VARIABLES_BYTES_MAX = 122_880;

/** Source: CodePipeline API reference, PutJobSuccessResult. */
const NAME = /^[\w@-]+$/;

/** A success as it is reported. Errors: `JobFailed` when the service would not take it. */
export async function successReport(
  { variables: given = {}, revision, summary }: Success<Readonly<Record<string, string>>>,
  schema: StandardSchema | undefined,
): Promise<JobReport> {
  const variables = await accepted(schema, [given], JobFailed, "The output variables are not as declared");
  checkVariables(variables);
  return {
    status: "Succeeded",
    ...(Object.keys(variables).length > 0 && { variables }),
    ...(revision && { revision: checkedRevision(revision) }),
    ...shortened(summary),
  };
}

const shortened = (summary: string | undefined) => summary && { summary: cutText(summary, SUMMARY_CHARACTERS_MAX) };

/** Numbers and booleans are not turned into text in silence. */
function checkVariables(variables: unknown): asserts variables is Readonly<Record<string, string>> {
  if (typeof variables !== "object" || variables === null || Array.isArray(variables)) {
    throw new JobFailed("Output variables are an object whose values are texts.");
  }
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(variables)) {
    const label = `The output variable ${JSON.stringify(name)}`;
    if (!NAME.test(name)) throw new JobFailed(`${label} has a name beyond A-Z, a-z, 0-9, @, - and _.`);
    if (typeof value !== "string") throw new JobFailed(`${label} is not a text but ${typeof value}.`);
    sizeBytes += Buffer.byteLength(name + value);
  }
  checkMost(sizeBytes, "The output variables have", "bytes", OUTPUT_VARIABLES_BYTES_MAX);
}

function checkedRevision({ revision, changeIdentifier, created, summary }: JobRevision): JobRevision {
  checkMost(revision.length, "The revision has", "characters", REVISION_CHARACTERS_MAX, 1);
  checkMost(changeIdentifier.length, "The revision's changeIdentifier has", "characters", CHANGE_CHARACTERS_MAX, 1);
  return { revision, changeIdentifier, ...(created && { created }), ...shortened(summary) };
}

function checkMost(size: number, what: string, unit: string, most: number, least = 0): void {
  if (size >= least && size <= most) return;
  throw new JobFailed(`${what} ${size} ${unit}; CodePipeline takes ${least} to ${most}.`);
}
