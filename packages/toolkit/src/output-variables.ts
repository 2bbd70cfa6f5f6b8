import { JobFailed } from "./failure.ts";

/**
 * All output variables of an action together, names and values.
 *
 * Unit: bytes of UTF-8. Source: CodePipeline user guide, "Quotas".
 */
export const OUTPUT_VARIABLES_BYTES_MAX = 122_880;

/** Source: CodePipeline API reference, PutJobSuccessResult. */
const NAME = /^[A-Za-z0-9@\-_]+$/;

/**
 * Checks output variables before they are sent. Numbers and booleans are not turned into text in silence.
 *
 * Errors: `JobFailed` that names the variable.
 */
export function checkVariables(variables: unknown): Readonly<Record<string, string>> {
  if (typeof variables !== "object" || variables === null || Array.isArray(variables)) {
    throw new JobFailed("Output variables are an object whose values are texts.");
  }
  const checked: Record<string, string> = {};
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(variables)) {
    if (!NAME.test(name)) {
      throw new JobFailed(`The output variable ${JSON.stringify(name)} has a name beyond A-Z, a-z, 0-9, @, - and _.`);
    }
    if (typeof value !== "string")
      throw new JobFailed(`The output variable ${name} is not a text but ${typeof value}.`);
    sizeBytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    checked[name] = value;
  }
  if (sizeBytes > OUTPUT_VARIABLES_BYTES_MAX) {
    throw new JobFailed(
      `The output variables have ${sizeBytes} bytes; CodePipeline takes ${OUTPUT_VARIABLES_BYTES_MAX} for an action.`,
    );
  }
  return checked;
}
