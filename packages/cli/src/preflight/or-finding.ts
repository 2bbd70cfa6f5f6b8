import { Failure } from "../failure.ts";
import type { Finding } from "./finding.ts";

/** Does a check that ends with a `Failure`, and makes a finding of it. */
export async function orFinding(
  head: Pick<Finding, "check" | "at">,
  check: () => void | Promise<void>,
): Promise<Omit<Finding, "action">[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [{ ...head, severity: "error", message: error.message, remedy: error.remedy }];
  }
}
