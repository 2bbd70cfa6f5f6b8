import type { SessionCaller } from "../../identity/identity.ts";

/** Who a service is that acts with a role: a pipeline that calls a function, a function whose record is sent on. */
export function asCaller(account: string, roleArn: string, sessionName: string): SessionCaller {
  const role = roleArn.split("/").at(-1) ?? roleArn;
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/${sessionName}`;
  return { type: "session", account, arn, accessKeyId: "", roleArn, sessionName, expiresAt: Number.POSITIVE_INFINITY };
}
