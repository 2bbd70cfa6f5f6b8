import { operation } from "../../wire/operation.ts";
import type { Input, Kms, KmsCall, Output } from "./context.ts";
import { invalid } from "./errors.ts";
import { changeableKey } from "./key-state.ts";

/** Days between asking for a deletion and the deletion. Source: KMS API reference, ScheduleKeyDeletion. */
const WINDOW_DAYS_MIN = 7;
const WINDOW_DAYS_MAX = 30;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Makes a key unusable at once and gone after some days; what it sealed is lost then.
 *
 * Errors: `NotFoundException`, `KMSInvalidStateException`, `ValidationException`.
 * Source: KMS API reference, ScheduleKeyDeletion.
 */
export const scheduleKeyDeletion = operation<Kms, Input<"ScheduleKeyDeletion">, Output<"ScheduleKeyDeletion">>({
  name: "ScheduleKeyDeletion",
  async run({ KeyId, PendingWindowInDays: days = WINDOW_DAYS_MAX }, kms, call: KmsCall) {
    if (days < WINDOW_DAYS_MIN || days > WINDOW_DAYS_MAX) {
      throw invalid(`PendingWindowInDays must be between ${WINDOW_DAYS_MIN} and ${WINDOW_DAYS_MAX}, not ${days}.`);
    }
    const key = await changeableKey("kms:ScheduleKeyDeletion", KeyId, kms, call);
    const deletionAt = call.now + days * DAY_MS;
    await kms.keys.setState(key, "PendingDeletion", deletionAt);
    return { KeyId: key.arn, DeletionDate: deletionAt, KeyState: "PendingDeletion", PendingWindowInDays: days };
  },
});
