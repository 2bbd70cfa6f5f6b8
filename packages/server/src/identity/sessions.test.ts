import { expect, test } from "vitest";
import { createMasterKey } from "./master-key.ts";
import { createSessions } from "./sessions.ts";

const ACCOUNT = "000000000000";
const NOW = 1_790_648_060_701;
const KEY = createMasterKey(Buffer.alloc(32, 1));
const REQUEST = {
  roleArn: `arn:aws:iam::${ACCOUNT}:role/service/fn`,
  sessionName: "run",
  durationSeconds: 900,
  now: NOW,
};
const POLICY = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] } as const;

test("credentials look like AWS's and end on a whole second", () => {
  const session = createSessions(KEY).issue(REQUEST);
  expect(session.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(session.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
  expect(session.expiresAt).toBe(1_790_648_960_000);
});

test("a token opens to its role, session and policy, after a restart too", () => {
  const session = createSessions(KEY).issue({ ...REQUEST, policy: POLICY });
  const restarted = createSessions(createMasterKey(Buffer.alloc(32, 1)));
  expect(restarted.find(session.accessKeyId, session.sessionToken, NOW)).toEqual({
    found: true,
    secretAccessKey: session.secretAccessKey,
    principal: {
      type: "session",
      account: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/fn/run`,
      accessKeyId: session.accessKeyId,
      roleArn: REQUEST.roleArn,
      sessionName: "run",
      sessionPolicy: POLICY,
      expiresAt: session.expiresAt,
    },
  });
});

test("a session is good to its last millisecond and never again, opened before or not", () => {
  const sessions = createSessions(KEY);
  const { accessKeyId, sessionToken, expiresAt } = sessions.issue(REQUEST);
  const expired = { found: false, reason: "expiredToken" };
  expect(createSessions(KEY).find(accessKeyId, sessionToken, expiresAt)).toEqual(expired);
  expect(sessions.find(accessKeyId, sessionToken, expiresAt - 1).found).toBe(true);
  expect(sessions.find(accessKeyId, sessionToken, expiresAt)).toEqual(expired);
  expect(sessions.find(accessKeyId, sessionToken, expiresAt + 1)).toEqual(expired);
});

test("an altered token is refused wherever it is altered, also when the true one is known", () => {
  const sessions = createSessions(KEY);
  const { accessKeyId, sessionToken } = sessions.issue(REQUEST);
  expect(sessions.find(accessKeyId, sessionToken, NOW).found).toBe(true);
  for (let at = 0; at < sessionToken.length; at += 1) {
    const altered = `${sessionToken.slice(0, at)}${sessionToken[at] === "A" ? "B" : "A"}${sessionToken.slice(at + 1)}`;
    expect(sessions.find(accessKeyId, altered, NOW)).toEqual({ found: false, reason: "badToken" });
  }
  for (const wrong of ["", "test", `${sessionToken}!`, `${sessionToken} `, sessionToken.slice(0, -4)]) {
    expect(sessions.find(accessKeyId, wrong, NOW)).toEqual({ found: false, reason: "badToken" });
  }
  expect(sessions.find(accessKeyId, sessionToken, NOW).found).toBe(true);
});

test("a token does not fit another access key or another master key", () => {
  const sessions = createSessions(KEY);
  const one = sessions.issue(REQUEST);
  const two = sessions.issue(REQUEST);
  const bad = { found: false, reason: "badToken" };
  expect(sessions.find(two.accessKeyId, one.sessionToken, NOW)).toEqual(bad);
  const stranger = createSessions(createMasterKey(Buffer.alloc(32, 2)));
  expect(stranger.find(one.accessKeyId, one.sessionToken, NOW)).toEqual(bad);
  expect(one.secretAccessKey).not.toBe(two.secretAccessKey);
});

test("a session without a role is root's", () => {
  const sessions = createSessions(KEY);
  const { accessKeyId, sessionToken } = sessions.issue({ account: ACCOUNT, durationSeconds: 900, now: NOW });
  expect(sessions.find(accessKeyId, sessionToken, NOW)).toMatchObject({
    principal: { type: "root", arn: `arn:aws:iam::${ACCOUNT}:root`, accessKeyId },
  });
});

test("what the cache has let go is opened again", () => {
  const sessions = createSessions(KEY);
  const first = sessions.issue(REQUEST);
  expect(sessions.find(first.accessKeyId, first.sessionToken, NOW).found).toBe(true);
  for (let count = 0; count < 10_001; count += 1) {
    const { accessKeyId, sessionToken } = sessions.issue(REQUEST);
    sessions.find(accessKeyId, sessionToken, NOW);
  }
  expect(sessions.find(first.accessKeyId, first.sessionToken, NOW).found).toBe(true);
});
