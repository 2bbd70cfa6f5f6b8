import type { FailureType } from "./failure.ts";
import type { Job, Outcome, Success } from "./job.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { type StateStorage, tokenOf } from "./state-token.ts";
import { successReport } from "./success-report.ts";
import type { JobReport } from "./surroundings.ts";

/** What output variables are, whatever their schema. */
export type Variables = Readonly<Record<string, string>>;

/** The part of a job that says how it ends. */
export type JobWords = Pick<Job<unknown, unknown, unknown, Variables>, "succeed" | "fail" | "continue" | "save">;

/** How a job is reported: by the first word that was said, with success when none was, or by what it threw. */
export type ReportOf = (thrown?: readonly [error: unknown]) => Promise<JobReport>;

/** The report of a failure: of what was thrown, which a text stands in front of, or of another type than that means. */
export type Failed = (error: unknown, prefix?: string, type?: FailureType) => JobReport;

/** Makes what a job can say; `onSave` is told of each saved state's token. */
export function jobWords(
  variables: StandardSchema | undefined,
  storage: StateStorage,
  failed: Failed,
  onSave: (token: string) => void,
): readonly [words: JobWords, reportOf: ReportOf] {
  let first: string | undefined;
  let toReport = () => successReport({}, variables);
  const say = (word: string, asReport: typeof toReport): Outcome => {
    if (first) throw new Error(`job.${word} was called after job.${first}; the first word counts.`);
    first = word;
    toReport = asReport;
    return SAID;
  };
  const words: JobWords = {
    succeed: (result: Success<Variables> = {}) => say("succeed", () => successReport(result, variables)),
    fail: (message, type = "JobFailed") => say("fail", async () => failed(message, "", type)),
    async continue(state) {
      const token = tokenOf(state, storage);
      token.catch(() => {}); // whoever asks for the report gets it
      const outcome = say("continue", async () => ({ status: "Continued", continuationToken: await token }));
      await token;
      return outcome;
    },
    save: async (state) => onSave(await tokenOf(state, storage)),
  };
  return [words, async (thrown) => (thrown && first !== "fail" ? failed(thrown[0]) : await toReport())];
}

const SAID = {} as Outcome; // nobody looks into it; what was said is kept beside it
