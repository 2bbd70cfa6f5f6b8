import type { Caller } from "../../identity/identity.ts";
import { type Call, operation } from "../../wire/operation.ts";
import type { Input, Output, Sts } from "./context.ts";
import { toCredentials } from "./credentials.ts";
import { onlyForRoot } from "./errors.ts";

/** Seconds; root's sessions are never longer. Source: STS API reference, GetSessionToken. */
const ROOT_SESSION_SECONDS_MAX = 3_600;

/** Gives root credentials that end. Errors: `AccessDenied` for a session. Source: STS API reference, GetSessionToken. */
export const getSessionToken = operation<Sts, Input<"GetSessionToken">, Output<"GetSessionToken">>({
  name: "GetSessionToken",
  async run({ DurationSeconds = ROOT_SESSION_SECONDS_MAX }, { identity }, { principal, now }: Call<Caller>) {
    if (principal.type !== "root" || principal.accessKeyId.startsWith("ASIA")) throw onlyForRoot();
    const durationSeconds = Math.min(DurationSeconds, ROOT_SESSION_SECONDS_MAX);
    return {
      Credentials: toCredentials(identity.issueRootSession({ account: principal.account, durationSeconds, now })),
    };
  },
});
