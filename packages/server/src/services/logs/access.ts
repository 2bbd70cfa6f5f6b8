import { type Access, type Call, type Home, homeOf } from "../../wire/operation.ts";

/** The ARN of a group, as tagging and `logGroupArn` have it. */
export function groupArn({ account, region }: Home, group: string): string {
  return `arn:aws:logs:${region}:${account}:log-group:${group}`;
}

export function streamArn(home: Home, group: string, stream: string): string {
  return `${groupArn(home, group)}:log-stream:${stream}`;
}

/**
 * The right to an operation on a group. Its resource ends with the name of no stream, so that policies must say
 * `log-group:name:*`. Source: observed, in the service's texts when it denies.
 */
export function onGroup(action: string, group: string, call: Call): readonly Access[] {
  return onStream(action, group, "", call);
}

/** The right to an operation on a stream. */
export function onStream(action: string, group: string, stream: string, call: Call): readonly Access[] {
  return [{ action: `logs:${action}`, resource: streamArn(homeOf(call), group, stream) }];
}
