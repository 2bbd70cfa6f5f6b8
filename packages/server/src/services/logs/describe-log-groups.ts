import { type LogGroupRow, listLogGroups } from "../../store/log.ts";
import type { Reader } from "../../store/store.ts";
import { type Home, homeOf } from "../../wire/operation.ts";
import { groupArn, onGroup } from "./access.ts";
import { served } from "./context.ts";
import { invalidParameter } from "./errors.ts";
import { groupNameIn } from "./find.ts";
import { DESCRIBED_COUNT_DEFAULT, fromToken, toPage, toToken } from "./page.ts";
import type { DescribeLogGroupsInput, LogGroup } from "./shapes.generated.ts";

/** Lists groups by name. Errors: `InvalidParameterException`. Source: CloudWatch Logs API reference, DescribeLogGroups. */
export const describeLogGroups = served({
  name: "DescribeLogGroups",
  access: (_, __, call) => onGroup("DescribeLogGroups", "", call),
  async run(input, logs, call) {
    const { logGroupNamePrefix, logGroupNamePattern, limit = DESCRIBED_COUNT_DEFAULT } = input;
    if (logGroupNamePrefix !== undefined && logGroupNamePattern !== undefined) {
      // Source: the rule is the API reference's, the text our choice.
      throw invalidParameter("logGroupNamePrefix and logGroupNamePattern cannot both be specified.");
    }
    const [after] = fromToken("groups", input.nextToken, [""] as const);
    await logs.lines.flush();
    const rows = await findGroups(logs.store.read, {
      home: homeOf(call),
      after,
      limit: limit + 1,
      isWanted: wanted(input),
    });
    const { page, next } = toPage(rows, limit, ({ name }) => toToken("groups", [name]));
    const describe = logGroupNamePattern === undefined ? toLogGroup : toShortLogGroup;
    return { logGroups: page.map((row) => describe(row)), ...next };
  },
});

function wanted(input: DescribeLogGroupsInput): (row: LogGroupRow) => boolean {
  const { logGroupNamePrefix = "", logGroupNamePattern = "", logGroupClass, logGroupIdentifiers } = input;
  const named =
    logGroupIdentifiers && new Set(logGroupIdentifiers.map((one) => groupNameIn({ logGroupIdentifier: one })));
  return (row) =>
    row.name.startsWith(logGroupNamePrefix) &&
    row.name.includes(logGroupNamePattern) &&
    (logGroupClass === undefined || row.class === logGroupClass) &&
    (!named || named.has(row.name));
}

interface Search {
  readonly home: Home;
  readonly after: string;
  readonly limit: number;
  isWanted(row: LogGroupRow): boolean;
}

/** How many groups are read at a time: there are seldom more. */
const ROWS_COUNT = 500;

async function findGroups(read: Reader, { home, after, limit, isWanted }: Search): Promise<readonly LogGroupRow[]> {
  const found: LogGroupRow[] = [];
  let last = after;
  for (let isMore = true; isMore && found.length < limit; ) {
    const rows = await read.all(listLogGroups, { ...home, after: last, limit: ROWS_COUNT });
    found.push(...rows.filter(isWanted));
    last = rows.at(-1)?.name ?? last;
    isMore = rows.length === ROWS_COUNT;
  }
  return found.slice(0, limit);
}

function toLogGroup(row: LogGroupRow): LogGroup {
  return {
    ...toShortLogGroup(row),
    ...(row.retention_days !== null && { retentionInDays: row.retention_days }),
    metricFilterCount: 0,
    storedBytes: row.stored_bytes,
    ...(row.kms_key_id !== null && { kmsKeyId: row.kms_key_id }),
    logGroupClass: row.class as LogGroup["logGroupClass"] & string, // CreateLogGroup takes no other
    logGroupArn: groupArn(row, row.name),
    deletionProtectionEnabled: row.deletion_protection === 1,
  };
}

/** All that is told when groups are looked for by a pattern. Source: API reference, as above. */
function toShortLogGroup(row: LogGroupRow): LogGroup {
  const { name, created_at } = row;
  return { logGroupName: name, creationTime: created_at, arn: `${groupArn(row, name)}:*` };
}
