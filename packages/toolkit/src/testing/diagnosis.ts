/**
 * How one action stands, and why, as `penstock why` tells it.
 *
 * @example
 * ```ts
 * const [diagnosis] = await penstock.why(execution.id);
 * expect(diagnosis?.cause).toBeUndefined(); // nothing is wrong
 * ```
 */
export interface ActionDiagnosis {
  /** Its stage. */
  readonly stage: string;
  /** Name of the action. */
  readonly action: string;
  /** The latest job of the action, if it has any. */
  readonly jobId?: string;
  /** In a word. */
  readonly state: "running" | "waiting" | "succeeded" | "failed" | "abandoned";
  /** The service's own words about a failed action. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Name of the root cause, such as `returnedWithoutReporting`; absent when nothing is wrong. */
  readonly cause?: string;
  /** What happened, in one sentence. */
  readonly sentence: string;
  /** What it is told from, in order; `at` is in epoch milliseconds. */
  readonly evidence: readonly { readonly at: number; readonly text: string }[];
  /** What to do; may have several lines. */
  readonly remedy: string;
}

/** For a message to a person: what stands otherwise than well. */
export function diagnosisText(diagnoses: readonly ActionDiagnosis[]): string {
  const worth = diagnoses.filter(({ state, cause }) => state !== "succeeded" || cause !== undefined);
  return worth
    .map(({ stage, action, state, sentence, remedy }) =>
      [`\n  ${stage}/${action} is ${state}: ${sentence}`, ...(remedy ? remedy.split("\n") : [])].join("\n    "),
    )
    .join("");
}
