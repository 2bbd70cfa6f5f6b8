/** Exit statuses of every command; `docs/command-line.md` tells them to people. */
export const EXIT = {
  fine: 0,
  /** The pipeline ended otherwise than Succeeded. */
  pipelineFailed: 1,
  /** A file, an option or an argument is wrong. */
  inputWrong: 2,
  /** Penstock or its surroundings failed: a port in use, a disk that is full, a bug. */
  surroundings: 3,
  /** Ctrl-C; 128 plus the number of SIGINT, as shells count. */
  interrupted: 130,
} as const;

/** An end that a person can do something about: what is wrong, and what would help. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;
  /** What to do, in one or more lines. */
  readonly remedy: string;

  constructor(exitCode: number, message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}

/** A file, option or argument that cannot be right. Exit status 2. */
export function inputWrong(message: string, remedy: string, cause?: unknown): Failure {
  return new Failure(EXIT.inputWrong, message, remedy, cause);
}

/** The world around Penstock refuses. Exit status 3. */
export function surroundingsFailed(message: string, remedy: string, cause?: unknown): Failure {
  return new Failure(EXIT.surroundings, message, remedy, cause);
}

/** What is told to a person about an error that no command expected. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isServiceError(error)) {
    return inputWrong(
      `${error.code}: ${error.message}`,
      "Correct the declaration; the text above is the service's own.",
      error,
    );
  }
  const known = knownSystemFailure(error);
  if (known) return known;
  const message = error instanceof Error ? error.message : String(error);
  return surroundingsFailed(message, "Run it again with PENSTOCK_DEBUG=1 to see where it comes from.", error);
}

/** The server's `ServiceError`, told by its shape so that nothing of the server need be loaded. */
export function isServiceError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && error.name === "ServiceError" && "code" in error && typeof error.code === "string";
}

/** Node's code of a system error, such as `ENOENT`, or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function knownSystemFailure(error: unknown): Failure | undefined {
  const remedy = REMEDIES[systemCode(error) ?? ""];
  return remedy && error instanceof Error ? surroundingsFailed(error.message, remedy, error) : undefined;
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "Free some disk space, or choose another data directory with --data DIR.",
  EROFS: "Choose a data directory on a file system that can be written, with --data DIR.",
  EACCES: "Give this user the right to read and write it, or choose another data directory with --data DIR.",
  EPERM: "Give this user the right to read and write it, or choose another data directory with --data DIR.",
  EMFILE: "Raise the limit of open files: ulimit -n 4096",
};
