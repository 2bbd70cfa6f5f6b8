/**
 * The lines that Lambda itself writes around those of a function.
 *
 * Source: Lambda developer guide, "Viewing logs for Lambda functions"; the forms of `Status` as seen in CloudWatch.
 */

export const startLine = (requestId: string, version: string) => `START RequestId: ${requestId} Version: ${version}`;

export const endLine = (requestId: string) => `END RequestId: ${requestId}`;

export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  readonly memoryMb: number;
  readonly maxMemoryMb?: number | undefined;
  readonly initMs?: number | undefined;
  /** How the attempt ended, unless the handler came to its end. */
  readonly status?: "timeout" | "error" | undefined;
  readonly errorType?: string | undefined;
}

/** The `REPORT` line: tab-separated, with a tab at its end. The memory is left out where the system does not tell it. */
export function reportLine(report: Report): string {
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(report.durationMs)} ms`,
    `Memory Size: ${report.memoryMb} MB`,
  ];
  if (report.maxMemoryMb !== undefined) fields.push(`Max Memory Used: ${report.maxMemoryMb} MB`);
  if (report.initMs !== undefined) fields.push(`Init Duration: ${report.initMs.toFixed(2)} ms`);
  if (report.status !== undefined) fields.push(`Status: ${report.status}`);
  if (report.status === "error" && report.errorType) fields.push(`Error Type: ${report.errorType}`);
  return `${fields.join("\t")}\t`;
}

/** Such as `2026-11-24T06:00:00.000Z 8f5… Task timed out after 3.00 seconds`. */
export function timedOutText(requestId: string, timeoutSeconds: number, nowMs: number): string {
  return `${new Date(nowMs).toISOString()} ${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
}

/** Such as `Runtime exited with error: exit status 1`, as Lambda words the end of a process. */
export function exitText(code: number | null, signal: string | null): string {
  if (signal) return `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal.toLowerCase()}`;
  if (code === 0) return "Runtime exited without providing a reason";
  return `Runtime exited with error: exit status ${code}`;
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGHUP: "hangup",
  SIGILL: "illegal instruction",
  SIGINT: "interrupt",
  SIGIO: "I/O possible",
  SIGKILL: "killed",
  SIGPIPE: "broken pipe",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};
