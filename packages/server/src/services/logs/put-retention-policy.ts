import { setLogRetention } from "../../store/log.ts";
import { homeOf } from "../../wire/operation.ts";
import { onGroup } from "./access.ts";
import { served } from "./context.ts";
import { invalidParameter } from "./errors.ts";
import { requireGroup } from "./find.ts";

/** Source: CloudWatch Logs API reference, PutRetentionPolicy. */
const DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/**
 * Says how long a group keeps its events. What is older is not shown from then on, and soon dropped.
 *
 * Errors: `ResourceNotFoundException`, `InvalidParameterException`.
 */
export const putRetentionPolicy = served({
  name: "PutRetentionPolicy",
  access: ({ logGroupName }, _, call) => onGroup("PutRetentionPolicy", logGroupName, call),
  async run({ logGroupName, retentionInDays }, { store }, call) {
    if (!DAYS.includes(retentionInDays)) throw notDays(retentionInDays);
    await store.transact(async (tx) => {
      const { id } = await requireGroup(tx, homeOf(call), logGroupName);
      await tx.run(setLogRetention, { id, retention_days: retentionInDays });
    });
    return {};
  },
});

const notDays = (days: number) =>
  invalidParameter(
    `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${DAYS.join(", ")}]`,
  );
