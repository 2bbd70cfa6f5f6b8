import type { FunctionError } from "./host.ts";

/** An error by its name and text, in the form that functions report theirs. */
export const functionError = (errorType: string, errorMessage: string): FunctionError => ({
  errorType,
  errorMessage,
  stackTrace: [],
});

/** The error as the JSON that Lambda gives the caller of a function. */
export function toPayload({ errorType, errorMessage, stackTrace }: FunctionError): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage, ...(stackTrace.length > 0 && { stackTrace }) }));
}
