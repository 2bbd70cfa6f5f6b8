import type { Fact, TestName } from "../facts.ts";

/** A capture of the real service that a third party has published; the page says which. */
export const OBSERVED = "observed, native capture";

/** What is said of the source where there is none. */
const UNKNOWN = "nobody is known to have seen it";

/** A fact that is seen from outside as on the service. */
export function proven(id: string, says: string, source: string, ...tests: readonly TestName[]): Fact {
  return { id, says, source, state: "proven", tests };
}

/** What Penstock does where nobody is known to have seen what the service does. */
export function choice(id: string, says: string, ...tests: readonly TestName[]): Fact {
  return { id, says, source: UNKNOWN, state: "our choice", tests };
}

/** A fact that cannot be seen here, with what is missing. */
export function notYet(id: string, says: string, source: string, missing: string): Fact {
  return { id, says, source, state: "not yet", missing };
}
