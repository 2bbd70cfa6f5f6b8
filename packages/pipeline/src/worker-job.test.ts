import { expect, test } from "vitest";
import { HAND_OUT_MS_MAX } from "./limits.ts";
import { acknowledge, handOut, type WorkerJobState } from "./worker-job.ts";

test("a job is handed out anew only when its time is over, each time with another nonce", () => {
  // time, in parts of the time that a worker has | what a worker does | nonce, and whether the job waits
  const table = `
    0.0 | acknowledge 0 | -
    0.0 | poll          | 1 waits
    0.9 | poll          | -
    0.9 | acknowledge 2 | -
    1.0 | poll          | 2 waits
    1.0 | acknowledge 1 | -
    2.5 | acknowledge 2 | 2 taken
    2.5 | acknowledge 2 | -
    9.0 | poll          | -
  `;
  expect(play(table)).toBe(tidy(table));
});

test("a nonce is good after its time as long as nobody else was handed the job", () => {
  const handedOut = handOut(NEW, 0);
  expect(handedOut && acknowledge(handedOut, "1")?.isWaiting).toBe(false);
});

const NEW: WorkerJobState = { nonce: 0, offeredUntil: 0, isWaiting: true };

function play(table: string): string {
  let job = NEW;
  const played = rows(table).map(([time = "", does = ""]) => {
    const now = Number(time) * HAND_OUT_MS_MAX;
    const next = does === "poll" ? handOut(job, now) : acknowledge(job, does.replace("acknowledge ", ""));
    if (next) job = next;
    return [time, does, next ? `${next.nonce} ${next.isWaiting ? "waits" : "taken"}` : "-"].join(" | ");
  });
  return played.join("\n");
}

const rows = (table: string) =>
  table
    .trim()
    .split("\n")
    .map((row) => row.split("|").map((cell) => cell.trim()));

const tidy = (table: string) =>
  rows(table)
    .map((cells) => cells.join(" | "))
    .join("\n");
