import { toDigits } from "../../logs/position.ts";

/** What old clients hand back with their next PutLogEvents. It means nothing any more. Source: API reference, PutLogEvents. */
export function sequenceToken(streamId: number, ingestedAt: number): string {
  return toDigits({ at: ingestedAt, seq: streamId, index: 0 });
}
