import { findLogStream, insertLogStream } from "../../store/log.ts";
import { homeOf } from "../../wire/operation.ts";
import { onStream } from "./access.ts";
import { served } from "./context.ts";
import { logStreamExists } from "./errors.ts";
import { requireGroup } from "./find.ts";

/**
 * Makes a stream.
 *
 * Errors: `ResourceNotFoundException`, `ResourceAlreadyExistsException`. Source: CloudWatch Logs API reference, CreateLogStream.
 */
export const createLogStream = served({
  name: "CreateLogStream",
  access: ({ logGroupName, logStreamName }, _, call) => onStream("CreateLogStream", logGroupName, logStreamName, call),
  async run({ logGroupName, logStreamName: name }, { store }, call) {
    await store.transact(async (tx) => {
      const { id: group_id } = await requireGroup(tx, homeOf(call), logGroupName);
      if (await tx.first(findLogStream, { group_id, name })) throw logStreamExists();
      await tx.run(insertLogStream, { group_id, name, created_at: call.now });
    });
    return {};
  },
});
