import { type ActionDiagnosis, diagnosisText } from "./diagnosis.ts";
import type { OwnPages, StoryLine } from "./own-pages.ts";

/**
 * How a pipeline execution ended.
 *
 * @example
 * ```ts
 * const status: ExecutionStatus = settled.status;
 * ```
 */
export type ExecutionStatus = "Succeeded" | "Failed" | "Stopped" | "Superseded" | "Cancelled";

/**
 * How an action stands.
 *
 * @example
 * ```ts
 * const status: ActionStatus = settled.action("Count").status;
 * ```
 */
export type ActionStatus = "InProgress" | "Succeeded" | "Failed" | "Abandoned";

/**
 * How long a wait may take.
 *
 * @example
 * ```ts
 * await execution.settled({ timeoutMs: 60_000 });
 * ```
 */
export interface WaitOptions {
  /** Unit: milliseconds. Default 30,000. Real time, whatever the server's clock says. */
  readonly timeoutMs?: number;
}

/** Source: our choice, longer than any cold start, shorter than a patient person. Unit: milliseconds. */
const WAIT_MS = 30_000;

/**
 * An artifact of an action, by its place in S3.
 *
 * @example
 * ```ts
 * const [texts] = settled.action("Fetch").outputArtifacts;
 * expect(texts).toMatchObject({ name: "Texts", bucket: "count-words-artifacts" });
 * ```
 */
export interface ArtifactLocation {
  /** As the pipeline names it. */
  readonly name: string;
  /** Of the artifact store. */
  readonly bucket: string;
  /** Of the object, a zip as a rule. */
  readonly key: string;
}

/**
 * An action of an execution.
 *
 * @example
 * ```ts
 * const count: ActionResult = settled.action("Build/Count");
 * expect(count).toMatchObject({ status: "Succeeded", outputVariables: { Words: "2" } });
 * ```
 */
export interface ActionResult {
  /** Its stage. */
  readonly stage: string;
  /** Its own name. */
  readonly name: string;
  /** How it stands, or ended. */
  readonly status: ActionStatus;
  /** The service's code and message of a failed action. */
  readonly error?: { readonly code: string; readonly message: string };
  /** What it reported, by name; empty until it succeeded. */
  readonly outputVariables: Readonly<Record<string, string>>;
  /** Places of what it writes. Whether something is there is up to the function. */
  readonly outputArtifacts: readonly ArtifactLocation[];
  /** How it stands, and why. */
  readonly diagnosis: ActionDiagnosis;
}

/**
 * An execution of which nothing runs any more.
 *
 * @example
 * ```ts
 * const done: SettledExecution = await execution.settled();
 * expect(done.status).toBe("Succeeded");
 * ```
 */
export interface SettledExecution {
  /** The pipeline execution's id. */
  readonly id: string;
  /** Name of the pipeline. */
  readonly pipeline: string;
  /** How it ended. */
  readonly status: ExecutionStatus;
  /** In the order in which they were started. */
  readonly actions: readonly ActionResult[];
  /**
   * An action by its name, or `Stage/Action`; the latest, of one that was started more than once.
   *
   * Errors: `Error` when it was not started.
   *
   * @example
   * ```ts
   * expect(settled.action("Count").outputVariables["Words"]).toBe("2");
   * ```
   */
  action(name: string): ActionResult;
}

/**
 * A job that a function was called with.
 *
 * @example
 * ```ts
 * const job: CreatedJob = await execution.nextJob("Count");
 * expect(job.number).toBe(1);
 * ```
 */
export interface CreatedJob {
  /** As the function gets it. */
  readonly id: string;
  /** Stage of its action. */
  readonly stage: string;
  /** Name of its action. */
  readonly action: string;
  /** 1 for the action's first job, 2 for the one after its first continuation. Unit: jobs. */
  readonly number: number;
  /** What the job before it continued with; absent in the first. */
  readonly continuationToken?: string;
}

/**
 * A pipeline execution of a Penstock that a test started. Every wait is told by the server, nothing polls.
 *
 * Errors of every wait: `Error` when the time is over, or when what is waited for cannot come any more. The message says
 * why each action stands where it stands.
 *
 * @example
 * ```ts
 * const other: Execution = await penstock.start("count-words");
 * await other.settled();
 * ```
 */
export interface Execution {
  /** The pipeline execution's id. */
  readonly id: string;
  /**
   * Waits until nothing of it runs any more: it has ended, and so have its functions.
   *
   * Errors: `Error` when the time is over.
   *
   * @example
   * ```ts
   * const { status } = await execution.settled();
   * ```
   */
  settled(options?: WaitOptions): Promise<SettledExecution>;
  /**
   * Waits until an action, named `Action` or `Stage/Action`, has had a status, and answers how it stands then.
   *
   * Errors: `Error` when the time is over, or the execution without that.
   *
   * @example
   * ```ts
   * await execution.waitForAction("Count", "InProgress");
   * ```
   */
  waitForAction(name: string, status: ActionStatus, options?: WaitOptions): Promise<ActionResult>;
  /**
   * Waits for the next job: the first one at the first call, then the one after it, also if it is already there.
   *
   * Errors: `Error` when the time is over, or the execution without another job.
   *
   * @example
   * ```ts
   * const first = await execution.nextJob("Count");
   * const second = await execution.nextJob("Count"); // after a continuation
   * ```
   */
  nextJob(action?: string, options?: WaitOptions): Promise<CreatedJob>;
  /**
   * How each action stands, and why.
   *
   * Errors: `Error` when the server is gone.
   *
   * @example
   * ```ts
   * for (const { action, sentence } of await execution.why()) console.log(action, sentence);
   * ```
   */
  why(): Promise<readonly ActionDiagnosis[]>;
}

/** The document of the server's page. */
interface ExecutionPage {
  readonly pipeline: string;
  readonly status: string;
  readonly actions: readonly { readonly action: PageAction; readonly diagnosis: ActionDiagnosis }[];
}

type PageAction = Omit<ActionResult, "diagnosis" | "error"> & { readonly error: ActionResult["error"] | null };

export function execution(id: string, pages: OwnPages): Execution {
  const seen = new Set<string>();
  const readPage = () => pages.read<ExecutionPage>(`executions/${id}`);
  const why = async () => (await readPage()).actions.map(({ diagnosis }) => diagnosis);
  const until = (what: string, isThere: (line: StoryLine) => boolean, options: WaitOptions = {}) =>
    firstLine({ id, pages, why, what, timeoutMs: options.timeoutMs ?? WAIT_MS }, isThere);
  return {
    id,
    why,
    async settled(options) {
      await until("settle", () => false, options).catch((error: unknown) => {
        if (!(error instanceof StoryEnded)) throw error;
      });
      return settledFrom(id, await readPage());
    },
    async waitForAction(name, status, options) {
      const wanted = (line: StoryLine) => isOf(line, name) && statusIn(line) === status;
      await until(`see ${name} ${status}`, wanted, options);
      return resultOf(await readPage(), name);
    },
    async nextJob(action, options) {
      const isNew = (line: StoryLine) =>
        line.type === "jobCreated" && (action === undefined || isOf(line, action)) && !seen.has(line.jobId ?? "");
      const job = jobOf(await until(`have another job${action ? ` of ${action}` : ""}`, isNew, options));
      seen.add(job.id);
      return job;
    },
  };
}

interface Wait {
  readonly id: string;
  readonly pages: OwnPages;
  readonly what: string;
  readonly timeoutMs: number;
  why(): Promise<readonly ActionDiagnosis[]>;
}

/** All was told, and what was waited for was not among it. */
class StoryEnded extends Error {
  override readonly name = "StoryEnded";
}

async function firstLine(wait: Wait, isThere: (line: StoryLine) => boolean): Promise<StoryLine> {
  const { id, pages, what, timeoutMs, why } = wait;
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), timeoutMs);
  try {
    for await (const line of pages.story(id, end.signal)) if (isThere(line)) return line;
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  const reasons = diagnosisText(await why());
  if (end.signal.aborted) throw new Error(`Execution ${id} did not ${what} within ${timeoutMs} ms.${reasons}`);
  throw new StoryEnded(`Execution ${id} is over, and did not ${what}.${reasons}`);
}

function isOf({ stage, action }: StoryLine, name: string): boolean {
  return action !== undefined && (name === action || name === `${stage}/${action}`);
}

function statusIn({ type, status }: StoryLine): string | undefined {
  if (type === "actionStarted") return "InProgress";
  return type === "actionFinished" ? status : undefined;
}

function jobOf({ jobId = "", stage = "", action = "", number = 1, continuationToken }: StoryLine): CreatedJob {
  return { id: jobId, stage, action, number, ...(continuationToken !== undefined && { continuationToken }) };
}

function settledFrom(id: string, page: ExecutionPage): SettledExecution {
  return {
    id,
    pipeline: page.pipeline.slice(page.pipeline.lastIndexOf(":") + 1), // an ARN
    status: page.status as ExecutionStatus, // it has ended
    actions: page.actions.map(toResult),
    action: (name) => resultOf(page, name),
  };
}

function resultOf({ actions }: ExecutionPage, name: string): ActionResult {
  // The latest, of an action that was started more than once.
  const found = actions.findLast(({ action: { stage, name: own } }) => isOf({ type: "", stage, action: own }, name));
  if (found) return toResult(found);
  const started = actions.map(({ action }) => `${action.stage}/${action.name}`);
  throw new Error(`No action ${name} was started, only ${started.join(", ")}.`);
}

function toResult({ action, diagnosis }: ExecutionPage["actions"][number]): ActionResult {
  const { stage, name, status, error, outputVariables, outputArtifacts } = action;
  return { stage, name, status, ...(error && { error }), outputVariables, outputArtifacts, diagnosis };
}
