import { placeOfArn } from "../engine/place.ts";
import { findActionExecution } from "../store/action-execution.ts";
import { findExecution } from "../store/execution.ts";
import { findJob } from "../store/job.ts";
import type { Reader } from "../store/store.ts";
import type { Admitted } from "./access.ts";

/** What a page is of, by the first part of its path. */
const NOUNS: ReadonlyMap<string, string> = new Map([
  ["jobs", "job"],
  ["executions", "execution"],
  ["approvals", "approval"],
]);

interface Asked {
  readonly sort: string;
  readonly id: string;
}

/** Why a visitor may not have a page: what is of another account is as if it were not there. Nothing when he may. */
export async function whyHidden(
  asked: Asked,
  { account }: Admitted,
  { read, ownAccount }: { readonly read: Reader; readonly ownAccount: string },
): Promise<{ readonly status: 403 | 404; readonly error: string } | undefined> {
  if (account === undefined) return undefined;
  const noun = NOUNS.get(asked.sort);
  if (noun === undefined) {
    if (account === ownAccount) return undefined;
    return { status: 403, error: "This page is the whole server's: it is for the root of the server's own account." };
  }
  if (account === (await ownerOf(asked, read))) return undefined;
  return { status: 404, error: `There is no ${noun} ${asked.id}.` };
}

async function ownerOf({ sort, id }: Asked, read: Reader): Promise<string | undefined> {
  if (sort === "jobs") return (await read.first(findJob, { id }))?.account;
  const row =
    sort === "executions" ? await read.first(findExecution, { id }) : await read.first(findActionExecution, { id });
  return row && placeOfArn(row.pipeline).account;
}
