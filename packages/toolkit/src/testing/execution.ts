import { type ActionDiagnosis, diagnosisText } from "./diagnosis.ts";
import type { OwnPages, StoryLine } from "./own-pages.ts";

/** How a pipeline execution ended. */
export type ExecutionStatus = "Succeeded" | "Failed" | "Stopped" | "Superseded" | "Cancelled";

/** How an action stands. */
export type ActionStatus = "InProgress" | "Succeeded" | "Failed" | "Abandoned";

/** How long a wait may take. */
export interface WaitOptions {
  /** Unit: milliseconds. Default 30,000. Real time, whatever the server's clock says. */
  readonly timeoutMs?: number;
}

/** Source: our choice, longer than any cold start, shorter than a patient person. Unit: milliseconds. */
const WAIT_MS = 30_000;

/** An artifact of an action, by its place in S3. */
export interface ArtifactLocation {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
}

/** An action of an execution. */
export interface ActionResult {
  readonly stage: string;
  readonly name: string;
  readonly status: ActionStatus;
  /** The service's code and message of a failed action. */
  readonly error?: { readonly code: string; readonly message: string };
  readonly outputVariables: Readonly<Record<string, string>>;
  readonly outputArtifacts: readonly ArtifactLocation[];
  readonly diagnosis: ActionDiagnosis;
}

/** An execution of which nothing runs any more. */
export interface SettledExecution {
  readonly id: string;
  readonly pipeline: string;
  readonly status: ExecutionStatus;
  /** In the order in which they were started. */
  readonly actions: readonly ActionResult[];
  /** By its name, or `Stage/Action`. Errors: `Error` when it was not started. */
  action(name: string): ActionResult;
}

/** A job that a function was called with. */
export interface CreatedJob {
  readonly id: string;
  readonly stage: string;
  readonly action: string;
  /** 1 for the action's first job, 2 for the one after its first continuation. */
  readonly number: number;
  readonly continuationToken?: string;
}

/**
 * A pipeline execution of a Penstock that a test started. Every wait is told by the server, nothing polls.
 *
 * Errors of every wait: `Error` when the time is over, or when what is waited for cannot come any more. The message says
 * why each action stands where it stands.
 */
export interface Execution {
  readonly id: string;
  /**
   * Waits until nothing of it runs any more: it has ended, and so have its functions.
   *
   * @example
   * const { status } = await execution.settled();
   */
  settled(options?: WaitOptions): Promise<SettledExecution>;
  /**
   * Waits until an action, named `Action` or `Stage/Action`, has a status.
   *
   * @example
   * await execution.waitForAction("Deploy", "InProgress");
   */
  waitForAction(name: string, status: ActionStatus, options?: WaitOptions): Promise<ActionResult>;
  /**
   * Waits for the next job: the first one at the first call, then the one after it, also if it is already there.
   *
   * @example
   * const first = await execution.nextJob("Deploy");
   * const second = await execution.nextJob("Deploy"); // after a continuation
   */
  nextJob(action?: string, options?: WaitOptions): Promise<CreatedJob>;
  /** How each action stands, and why. */
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
