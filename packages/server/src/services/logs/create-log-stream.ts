import { findLogStream, insertLogStream } from "../../store/log.ts";
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
  access: ({ logGroupName, logStreamName }, logs, call) =>
    onStream("CreateLogStream", logGroupName, logStreamName, logs, call),
  async run({ logGroupName, logStreamName: name }, { store }, { region, now }) {
    await store.transact(async (tx) => {
      const { id: group_id } = await requireGroup(tx, region, logGroupName);
      if (await tx.first(findLogStream, { group_id, name })) throw logStreamExists();
      await tx.run(insertLogStream, { group_id, name, created_at: now });
    });
    return {};
  },
});
