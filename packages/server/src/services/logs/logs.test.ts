import { afterEach, beforeEach, expect, test } from "vitest";
import { GROUP, openLogs, REGION } from "./testing/logs-server.ts";

const STREAM = "2026/11/24/[$LATEST]0123456789abcdef0123456789abcdef";
const GROUP_ARN = `arn:aws:logs:${REGION}:000000000000:log-group:${GROUP}`;

let logs: ReturnType<typeof openLogs>;
let now: number;

beforeEach(() => {
  logs = openLogs();
  now = logs.clock.now;
});
afterEach(() => logs.store.close());

const noGroup = { code: "ResourceNotFoundException", message: "The specified log group does not exist." };
const noStream = { code: "ResourceNotFoundException", message: "The specified log stream does not exist." };

function write(texts: readonly string[], at = now, stream = STREAM): void {
  const take = logs.lines.open({ account: "000000000000", region: REGION, group: GROUP, stream });
  for (const [index, text] of texts.entries()) take(text, at + index);
}

const where = { logGroupName: GROUP, logStreamName: STREAM };
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);
const read = (events: readonly { readonly message?: string }[] = []) => events.map(({ message }) => message?.trimEnd());

test("what a function wrote is there at once, in a group and a stream that nobody made", async () => {
  write(["START", "hello"]);
  expect(await logs.call("DescribeLogGroups", {})).toEqual({
    logGroups: [
      {
        logGroupName: GROUP,
        creationTime: now,
        metricFilterCount: 0,
        arn: `${GROUP_ARN}:*`,
        storedBytes: 64,
        logGroupClass: "STANDARD",
        logGroupArn: GROUP_ARN,
        deletionProtectionEnabled: false,
      },
    ],
  });
  expect(await logs.call("DescribeLogStreams", { logGroupName: GROUP })).toEqual({
    logStreams: [
      {
        logStreamName: STREAM,
        creationTime: now,
        firstEventTimestamp: now,
        lastEventTimestamp: now + 1,
        lastIngestionTime: now,
        uploadSequenceToken: expect.stringMatching(/^\d{56}$/),
        arn: `${GROUP_ARN}:log-stream:${STREAM}`,
        storedBytes: 0,
      },
    ],
  });
  expect(await logs.call("GetLogEvents", { ...where, startFromHead: true })).toMatchObject({
    events: [
      { timestamp: now, message: "START\n", ingestionTime: now },
      { timestamp: now + 1, message: "hello\n", ingestionTime: now },
    ],
  });
});

test("a stream is read from its head, page by page, and then followed: the token stays until there is more", async () => {
  write(numbers(5));
  const first = await logs.call("GetLogEvents", { ...where, startFromHead: true, limit: 3 });
  expect(read(first.events)).toEqual(["line 0", "line 1", "line 2"]);
  const on = (nextToken = "") => logs.call("GetLogEvents", { ...where, startFromHead: true, nextToken });
  const second = await on(first.nextForwardToken);
  expect(read(second.events)).toEqual(["line 3", "line 4"]);
  const third = await on(second.nextForwardToken);
  expect(third.events).toEqual([]);
  expect(third.nextForwardToken).toBe(second.nextForwardToken);
  write(["more"], now + 4); // In the same millisecond as the last one.
  const fourth = await on(third.nextForwardToken);
  expect(read(fourth.events)).toEqual(["more"]);
  expect(fourth.nextForwardToken).not.toBe(third.nextForwardToken);
});

test("without startFromHead the latest come, in the order of time, and tokens lead back", async () => {
  write(numbers(5));
  const latest = await logs.call("GetLogEvents", { ...where, limit: 2 });
  expect(read(latest.events)).toEqual(["line 3", "line 4"]);
  const back = (nextToken = "") => logs.call("GetLogEvents", { ...where, limit: 2, nextToken });
  const before = await back(latest.nextBackwardToken);
  expect(read(before.events)).toEqual(["line 1", "line 2"]);
  const head = await back(before.nextBackwardToken);
  expect(read(head.events)).toEqual(["line 0"]);
  const end = await back(head.nextBackwardToken);
  expect(end.events).toEqual([]);
  expect(end.nextBackwardToken).toBe(head.nextBackwardToken);
  expect(read((await back(end.nextForwardToken)).events)).toEqual(["line 0", "line 1"]);
  const tail = await back(latest.nextForwardToken);
  expect(tail.events).toEqual([]);
  expect(read((await back(tail.nextBackwardToken)).events)).toEqual(["line 3", "line 4"]);
});

test("an empty stream has tokens, and following it from there misses nothing", async () => {
  await logs.call("CreateLogGroup", { logGroupName: GROUP });
  await logs.call("CreateLogStream", where);
  const empty = await logs.call("GetLogEvents", where);
  expect(empty.events).toEqual([]);
  write(["first"]);
  const followed = await logs.call("GetLogEvents", { ...where, nextToken: empty.nextForwardToken ?? "" });
  expect(read(followed.events)).toEqual(["first"]);
});

test("the start of a time range is in it; its end is not for GetLogEvents, and is for FilterLogEvents", async () => {
  write(numbers(5));
  const range = { startTime: now + 1, endTime: now + 3 };
  expect(read((await logs.call("GetLogEvents", { ...where, ...range })).events)).toEqual(["line 1", "line 2"]);
  const filtered = await logs.call("FilterLogEvents", { logGroupName: GROUP, ...range });
  expect(read(filtered.events)).toEqual(["line 1", "line 2", "line 3"]);
});

test("a page holds a megabyte", async () => {
  write(Array.from({ length: 10 }, () => "x".repeat(250_000)));
  const { events = [], nextForwardToken = "" } = await logs.call("GetLogEvents", { ...where, startFromHead: true });
  expect(events).toHaveLength(4);
  expect((await logs.call("GetLogEvents", { ...where, nextToken: nextForwardToken })).events).toHaveLength(4);
});

test("a search mixes the streams by time, page by page, and names each event once", async () => {
  write(["a0", "a1", "a2"], now, "a");
  write(["b0", "b1", "b2"], now, "b");
  const pages: (string | undefined)[][] = [];
  const ids = new Set<string>();
  let nextToken: string | undefined;
  do {
    const page = await logs.call("FilterLogEvents", { logGroupName: GROUP, limit: 2, ...(nextToken && { nextToken }) });
    pages.push(read(page.events));
    for (const { eventId = "" } of page.events ?? []) ids.add(eventId);
    expect(page.searchedLogStreams).toEqual([]);
    nextToken = page.nextToken;
  } while (nextToken);
  expect(pages).toEqual([
    ["a0", "b0"],
    ["a1", "b1"],
    ["a2", "b2"],
  ]);
  expect(ids.size).toBe(6);
});

test("a search takes streams by name and by prefix, patterns, and can go backward", async () => {
  write(["ERROR one", "fine"], now, "a/1");
  write(["ERROR two"], now + 5, "a/2");
  write(["ERROR three"], now + 6, "b");
  const search = async (input: object) =>
    read((await logs.call("FilterLogEvents", { logGroupName: GROUP, ...input })).events);
  expect(await search({ logStreamNames: ["a/1"] })).toEqual(["ERROR one", "fine"]);
  expect(await search({ logStreamNames: ["b", "a/2"] })).toEqual(["ERROR two", "ERROR three"]);
  expect(await search({ logStreamNamePrefix: "a/" })).toEqual(["ERROR one", "fine", "ERROR two"]);
  expect(await search({ filterPattern: "ERROR -two" })).toEqual(["ERROR one", "ERROR three"]);
  const backward = { filterPattern: "ERROR", startFromHead: false, startTime: now };
  expect(await search(backward)).toEqual(["ERROR three", "ERROR two", "ERROR one"]);
});

test("searches that make no sense are refused", async () => {
  write(["x"]);
  const search = (input: object) => logs.call("FilterLogEvents", { logGroupName: GROUP, ...input });
  const invalid = { code: "InvalidParameterException" };
  await expect(search({ logStreamNames: ["a"], logStreamNamePrefix: "a" })).rejects.toMatchObject(invalid);
  await expect(search({ startFromHead: false })).rejects.toMatchObject(invalid);
  await expect(search({ filterPattern: '{ $.a = "b" }' })).rejects.toMatchObject(invalid);
  await expect(search({ logGroupIdentifier: GROUP })).rejects.toMatchObject(invalid);
  await expect(logs.call("FilterLogEvents", {})).rejects.toMatchObject(invalid);
  await expect(search({ logStreamNames: ["none"] })).rejects.toMatchObject(noStream);
  const badToken = { ...invalid, message: "The specified nextToken is invalid." };
  await expect(search({ nextToken: "1" })).rejects.toMatchObject(badToken);
  await expect(logs.call("GetLogEvents", { ...where, nextToken: "f/1/s" })).rejects.toMatchObject(badToken);
  await expect(logs.call("DescribeLogGroups", { nextToken: "bm8" })).rejects.toMatchObject(badToken);
});

test("a group is found by its ARN, and not in another region", async () => {
  write(["x"]);
  for (const logGroupIdentifier of [GROUP, GROUP_ARN]) {
    expect(read((await logs.call("FilterLogEvents", { logGroupIdentifier })).events)).toEqual(["x"]);
  }
  await expect(logs.call("FilterLogEvents", { logGroupName: GROUP }, "eu-west-1")).rejects.toMatchObject(noGroup);
});

test("streams are listed by name and by the time of their last event, both ways, in pages", async () => {
  write(["x"], now + 1, "c");
  write(["x"], now + 3, "a");
  write(["x"], now + 3, "b");
  await logs.lines.flush();
  await logs.call("CreateLogStream", { logGroupName: GROUP, logStreamName: "d" });
  const list = async (input: object) => {
    const names: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const token = nextToken && { nextToken };
      const page = await logs.call("DescribeLogStreams", { logGroupName: GROUP, limit: 2, ...input, ...token });
      names.push(...(page.logStreams ?? []).map(({ logStreamName }) => logStreamName));
      nextToken = page.nextToken;
    } while (nextToken);
    return names.join("");
  };
  expect(await list({})).toBe("abcd");
  expect(await list({ descending: true })).toBe("dcba");
  expect(await list({ orderBy: "LastEventTime" })).toBe("dcab");
  expect(await list({ orderBy: "LastEventTime", descending: true })).toBe("bacd");
  expect(await list({ logStreamNamePrefix: "b" })).toBe("b");
  await expect(list({ orderBy: "LastEventTime", logStreamNamePrefix: "b" })).rejects.toMatchObject({
    code: "InvalidParameterException",
    message: "Cannot order by LastEventTime with a logStreamNamePrefix.",
  });
});

test("groups are listed by name, prefix and pattern, in pages", async () => {
  for (const name of ["/aws/lambda/b", "/aws/lambda/a", "own"])
    await logs.call("CreateLogGroup", { logGroupName: name });
  const list = async (input: object) =>
    (await logs.call("DescribeLogGroups", input)).logGroups?.map(({ logGroupName }) => logGroupName);
  expect(await list({})).toEqual(["/aws/lambda/a", "/aws/lambda/b", "own"]);
  expect(await list({ logGroupNamePrefix: "/aws/" })).toEqual(["/aws/lambda/a", "/aws/lambda/b"]);
  expect(await list({ logGroupNamePattern: "w" })).toEqual(["/aws/lambda/a", "/aws/lambda/b", "own"]);
  expect(await list({ logGroupNamePattern: "lambda/b" })).toEqual(["/aws/lambda/b"]);
  expect(await list({ logGroupIdentifiers: ["own"] })).toEqual(["own"]);
  const { nextToken = "" } = await logs.call("DescribeLogGroups", { limit: 2 });
  expect(await list({ nextToken })).toEqual(["own"]);
  await expect(list({ logGroupNamePrefix: "a", logGroupNamePattern: "a" })).rejects.toMatchObject({
    code: "InvalidParameterException",
  });
});

test("groups and streams are made once, and what is not there is said", async () => {
  await expect(logs.call("CreateLogStream", where)).rejects.toMatchObject(noGroup);
  await expect(logs.call("GetLogEvents", where)).rejects.toMatchObject(noGroup);
  await expect(logs.call("DeleteLogGroup", { logGroupName: GROUP })).rejects.toMatchObject(noGroup);
  await logs.call("CreateLogGroup", { logGroupName: GROUP });
  await expect(logs.call("GetLogEvents", where)).rejects.toMatchObject(noStream);
  await expect(logs.call("DeleteLogStream", where)).rejects.toMatchObject(noStream);
  await logs.call("CreateLogStream", where);
  const exists = "ResourceAlreadyExistsException";
  await expect(logs.call("CreateLogGroup", { logGroupName: GROUP })).rejects.toMatchObject({
    code: exists,
    message: "The specified log group already exists",
  });
  await expect(logs.call("CreateLogStream", where)).rejects.toMatchObject({
    code: exists,
    message: "The specified log stream already exists",
  });
  await expect(logs.call("CreateLogGroup", { logGroupName: "a b" })).rejects.toMatchObject({
    code: "InvalidParameterException",
    message:
      "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
  });
});

test("a deleted stream takes its events along, a deleted group everything, and a function makes them anew", async () => {
  write(["x"]);
  write(["y"], now, "other");
  await logs.call("DeleteLogStream", where);
  expect(read((await logs.call("FilterLogEvents", { logGroupName: GROUP })).events)).toEqual(["y"]);
  expect((await logs.call("DescribeLogGroups", {})).logGroups?.[0]?.storedBytes).toBe(28);
  await logs.call("DeleteLogGroup", { logGroupName: GROUP });
  await expect(logs.call("FilterLogEvents", { logGroupName: GROUP })).rejects.toMatchObject(noGroup);
  write(["z"]);
  expect(read((await logs.call("FilterLogEvents", { logGroupName: GROUP })).events)).toEqual(["z"]);
});

test("a protected group is not deleted", async () => {
  await logs.call("CreateLogGroup", { logGroupName: GROUP, deletionProtectionEnabled: true });
  const refused = logs.call("DeleteLogGroup", { logGroupName: GROUP });
  await expect(refused).rejects.toMatchObject({ code: "ValidationException" });
});

test("events put from outside keep their messages; too old, expired and too new ones are named and left out", async () => {
  await logs.call("CreateLogGroup", { logGroupName: GROUP });
  await logs.call("CreateLogStream", where);
  await logs.call("PutRetentionPolicy", { logGroupName: GROUP, retentionInDays: 1 });
  const put = (times: readonly number[]) =>
    logs.call("PutLogEvents", {
      ...where,
      logEvents: times.map((at) => ({ timestamp: at, message: `at ${at - now}` })),
    });
  const day = 86_400_000;
  const hour = 3_600_000;
  expect(await put([now - 5, now])).toEqual({ nextSequenceToken: expect.stringMatching(/^\d+$/) });
  expect(await put([now - 14 * day - 1, now - 14 * day])).toMatchObject({
    rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 2 },
  });
  expect(await put([now + 1, now + 2 * hour, now + 2 * hour + 1])).toMatchObject({
    rejectedLogEventsInfo: { tooNewLogEventStartIndex: 2 },
  });
  const { events } = await logs.call("GetLogEvents", { ...where, startFromHead: true });
  expect(read(events)).toEqual(["at -5", "at 0", "at 1", "at 7200000"]);
  const invalid = (message: string) => ({ code: "InvalidParameterException", message });
  await expect(put([now, now - 1])).rejects.toMatchObject(
    invalid("Log events in a single PutLogEvents request must be in chronological order."),
  );
  await expect(put([now - day - 1, now])).rejects.toMatchObject(
    invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours."),
  );
  const message = "x".repeat(1_048_576 - 25);
  await expect(logs.call("PutLogEvents", { ...where, logEvents: [{ timestamp: now, message }] })).rejects.toMatchObject(
    invalid("Upload too large: 1048577 bytes exceeds limit of 1048576"),
  );
});

test("events expire: they are not shown from then on, and dropped with the next lines", async () => {
  write(["old"]);
  await logs.call("DescribeLogGroups", {});
  const day = 86_400_000;
  await logs.call("PutRetentionPolicy", { logGroupName: GROUP, retentionInDays: 1 });
  logs.clock.now = now + day;
  expect((await logs.call("GetLogEvents", where)).events).toHaveLength(1);
  logs.clock.now = now + day + 1;
  expect((await logs.call("GetLogEvents", where)).events).toEqual([]);
  expect((await logs.call("FilterLogEvents", { logGroupName: GROUP })).events).toEqual([]);
  write(["new"], logs.clock.now, "other");
  const shown = await logs.call("DescribeLogGroups", {});
  expect(shown.logGroups?.[0]).toMatchObject({ retentionInDays: 1, storedBytes: 30 });
  await logs.call("DeleteRetentionPolicy", { logGroupName: GROUP });
  expect(read((await logs.call("FilterLogEvents", { logGroupName: GROUP })).events)).toEqual(["new"]);
  expect((await logs.call("DescribeLogGroups", {})).logGroups?.[0]).not.toHaveProperty("retentionInDays");
  await expect(logs.call("PutRetentionPolicy", { logGroupName: GROUP, retentionInDays: 2 })).rejects.toMatchObject({
    code: "InvalidParameterException",
    message: expect.stringContaining("Value '2'"),
  });
});

test("a group has tags", async () => {
  await logs.call("CreateLogGroup", { logGroupName: GROUP, tags: { a: "1" } });
  await logs.call("TagResource", { resourceArn: GROUP_ARN, tags: { b: "2", a: "3" } });
  expect(await logs.call("ListTagsForResource", { resourceArn: GROUP_ARN })).toEqual({ tags: { a: "3", b: "2" } });
  await logs.call("UntagResource", { resourceArn: GROUP_ARN, tagKeys: ["a"] });
  expect(await logs.call("ListTagsForResource", { resourceArn: GROUP_ARN })).toEqual({ tags: { b: "2" } });
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, ""]));
  const tooMany = logs.call("TagResource", { resourceArn: GROUP_ARN, tags: many });
  await expect(tooMany).rejects.toMatchObject({ code: "TooManyTagsException" });
  const other = { resourceArn: "arn:aws:logs:us-east-1:000000000000:destination:d" };
  await expect(logs.call("ListTagsForResource", other)).rejects.toMatchObject({ code: "InvalidParameterException" });
});

test("rights are asked for the group or the stream that is named", async () => {
  const call = {
    requestId: "r",
    region: REGION,
    principal: { account: "000000000000", arn: "", accessKeyId: "" },
    now,
  };
  const { operations, context } = logs.service;
  const access = (name: string, input: object) => operations[name]?.access?.(input, context, call);
  const stream = `${GROUP_ARN}:log-stream:${STREAM}`;
  expect(access("GetLogEvents", where)).toEqual([{ action: "logs:GetLogEvents", resource: stream }]);
  expect(access("PutLogEvents", where)).toEqual([{ action: "logs:PutLogEvents", resource: stream }]);
  const group = `${GROUP_ARN}:log-stream:`;
  const filter = [{ action: "logs:FilterLogEvents", resource: group }];
  expect(access("FilterLogEvents", { logGroupName: GROUP })).toEqual(filter);
  expect(access("FilterLogEvents", { logGroupIdentifier: GROUP_ARN })).toEqual(filter);
  expect(access("CreateLogGroup", { logGroupName: GROUP })).toEqual([
    { action: "logs:CreateLogGroup", resource: group },
  ]);
  const all = `arn:aws:logs:${REGION}:000000000000:log-group::log-stream:`;
  expect(access("DescribeLogGroups", {})).toEqual([{ action: "logs:DescribeLogGroups", resource: all }]);
  const tags = [{ action: "logs:TagResource", resource: GROUP_ARN }];
  expect(access("TagResource", { resourceArn: GROUP_ARN, tags: {} })).toEqual(tags);
});
