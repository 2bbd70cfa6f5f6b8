import { deleteLogEventsOfGroup, deleteLogStreamsOfGroup, deleteLogGroup as deleteRow } from "../../store/log.ts";
import { homeOf } from "../../wire/operation.ts";
import { onGroup } from "./access.ts";
import { served } from "./context.ts";
import { deletionProtected } from "./errors.ts";
import { requireGroup } from "./find.ts";

/**
 * Deletes a group with all that is in it. A function that still writes makes it anew.
 *
 * Errors: `ResourceNotFoundException`, `ValidationException`. Source: CloudWatch Logs API reference, DeleteLogGroup.
 */
export const deleteLogGroup = served({
  name: "DeleteLogGroup",
  access: ({ logGroupName }, _, call) => onGroup("DeleteLogGroup", logGroupName, call),
  async run({ logGroupName }, { store, lines }, call) {
    await lines.flush();
    await store.transact(async (tx) => {
      const { id, deletion_protection } = await requireGroup(tx, homeOf(call), logGroupName);
      if (deletion_protection) throw deletionProtected(logGroupName);
      await tx.run(deleteLogEventsOfGroup, { group_id: id });
      await tx.run(deleteLogStreamsOfGroup, { group_id: id });
      await tx.run(deleteRow, { id });
    });
    return {};
  },
});
