import { accountOfArn } from "../../identity/arn.ts";
import type { SessionCaller } from "../../identity/identity.ts";

/** Who a service is that acts with a role, in the role's account: a pipeline that calls a function, a function whose record is sent on. */
export function asCaller(roleArn: string, sessionName: string): SessionCaller {
  const account = accountOfArn(roleArn);
  const role = roleArn.split("/").at(-1) ?? roleArn;
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/${sessionName}`;
  return { type: "session", account, arn, accessKeyId: "", roleArn, sessionName, expiresAt: Number.POSITIVE_INFINITY };
}
