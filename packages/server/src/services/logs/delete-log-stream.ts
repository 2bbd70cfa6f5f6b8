import { addStoredBytes, bytesOfStream, deleteBatchesOfStream, deleteLogStream as deleteRow } from "../../store/log.ts";
import { homeOf } from "../../wire/operation.ts";
import { onStream } from "./access.ts";
import { served } from "./context.ts";
import { requireGroup, requireStream } from "./find.ts";

/** Deletes a stream with its events. Errors: `ResourceNotFoundException`. Source: CloudWatch Logs API reference, DeleteLogStream. */
export const deleteLogStream = served({
  name: "DeleteLogStream",
  access: ({ logGroupName, logStreamName }, _, call) => onStream("DeleteLogStream", logGroupName, logStreamName, call),
  async run({ logGroupName, logStreamName }, { store, lines }, call) {
    await lines.flush();
    await store.transact(async (tx) => {
      const group = await requireGroup(tx, homeOf(call), logGroupName);
      const { id: stream_id } = await requireStream(tx, group, logStreamName);
      const stored = await tx.first(bytesOfStream, { stream_id });
      await tx.run(deleteBatchesOfStream, { stream_id });
      await tx.run(deleteRow, { id: stream_id });
      await tx.run(addStoredBytes, { id: group.id, bytes: -(stored?.bytes ?? 0) });
    });
    return {};
  },
});
