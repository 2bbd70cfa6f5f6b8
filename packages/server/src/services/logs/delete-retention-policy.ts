import { setLogRetention } from "../../store/log.ts";
import { homeOf } from "../../wire/operation.ts";
import { onGroup } from "./access.ts";
import { served } from "./context.ts";
import { requireGroup } from "./find.ts";

/** From then on a group's events do not expire. Errors: `ResourceNotFoundException`. Source: CloudWatch Logs API reference, DeleteRetentionPolicy. */
export const deleteRetentionPolicy = served({
  name: "DeleteRetentionPolicy",
  access: ({ logGroupName }, _, call) => onGroup("DeleteRetentionPolicy", logGroupName, call),
  async run({ logGroupName }, { store }, call) {
    await store.transact(async (tx) => {
      const { id } = await requireGroup(tx, homeOf(call), logGroupName);
      await tx.run(setLogRetention, { id, retention_days: null });
    });
    return {};
  },
});
