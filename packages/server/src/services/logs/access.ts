import type { Access, Call } from "../../wire/operation.ts";
import type { Logs } from "./context.ts";

/** The ARN of a group, as tagging and `logGroupArn` have it. */
export function groupArn({ account }: Pick<Logs, "account">, region: string, group: string): string {
  return `arn:aws:logs:${region}:${account}:log-group:${group}`;
}

export function streamArn(logs: Pick<Logs, "account">, region: string, group: string, stream: string): string {
  return `${groupArn(logs, region, group)}:log-stream:${stream}`;
}

/**
 * The right to an operation on a group. Its resource ends with the name of no stream, so that policies must say
 * `log-group:name:*`. Source: observed, in the service's texts when it denies.
 */
export function onGroup(action: string, group: string, logs: Logs, call: Call): readonly Access[] {
  return onStream(action, group, "", logs, call);
}

/** The right to an operation on a stream. */
export function onStream(action: string, group: string, stream: string, logs: Logs, call: Call): readonly Access[] {
  return [{ action: `logs:${action}`, resource: streamArn(logs, call.region, group, stream) }];
}
