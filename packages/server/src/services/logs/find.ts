import { findLogGroup, findLogStream, type LogGroupRow, type LogStreamRow } from "../../store/log.ts";
import type { Reader } from "../../store/store.ts";
import type { Home } from "../../wire/operation.ts";
import { invalidParameter, logGroupNotFound, logStreamNotFound } from "./errors.ts";

export interface NamedGroup {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
}

const GROUP_ARN = /^arn:aws:logs:[^:]*:(\d*):log-group:([^:]+)$/;

/** The group that an input names, by its name or as the identifier, which may be an ARN. */
export function groupNameIn({ logGroupName, logGroupIdentifier = "" }: NamedGroup): string {
  return logGroupName ?? GROUP_ARN.exec(logGroupIdentifier)?.[2] ?? logGroupIdentifier;
}

/** The group of an ARN. Errors: `InvalidParameterException`, with our choice of text. */
export function groupNameOfArn(arn: string): string {
  const name = GROUP_ARN.exec(arn)?.[2];
  if (name === undefined) throw invalidParameter(`The resource ARN ${arn} is not one of a log group.`);
  return name;
}

/** Finds the group that an input names in one of two ways. Errors: `InvalidParameterException`, `ResourceNotFoundException`. */
export async function requireNamedGroup(read: Reader, home: Home, input: NamedGroup): Promise<LogGroupRow> {
  const count = Number(input.logGroupName !== undefined) + Number(input.logGroupIdentifier !== undefined);
  // Source: the rule is the API reference's, the text our choice.
  if (count !== 1) throw invalidParameter("Exactly one of logGroupName and logGroupIdentifier must be specified.");
  const owner = GROUP_ARN.exec(input.logGroupIdentifier ?? "")?.[1];
  if (owner !== undefined && owner !== home.account) throw logGroupNotFound(); // no account shows its logs to another here
  return await requireGroup(read, home, groupNameIn(input));
}

/** Errors: `ResourceNotFoundException`. */
export async function requireGroup(read: Reader, home: Home, name: string): Promise<LogGroupRow> {
  const group = await read.first(findLogGroup, { account: home.account, region: home.region, name });
  if (!group) throw logGroupNotFound();
  return group;
}

/** Errors: `ResourceNotFoundException`. */
export async function requireStream(read: Reader, group: LogGroupRow, name: string): Promise<LogStreamRow> {
  const stream = await read.first(findLogStream, { group_id: group.id, name });
  if (!stream) throw logStreamNotFound();
  return stream;
}
