import { findLogGroup, insertLogGroup } from "../../store/log.ts";
import { homeOf } from "../../wire/operation.ts";
import { onGroup } from "./access.ts";
import { served } from "./context.ts";
import { logGroupExists } from "./errors.ts";

/**
 * Makes a group. A KMS key is noted and shown; the store's files are not encrypted with it.
 *
 * Errors: `ResourceAlreadyExistsException`. Source: CloudWatch Logs API reference, CreateLogGroup.
 */
export const createLogGroup = served({
  name: "CreateLogGroup",
  access: ({ logGroupName }, _, call) => onGroup("CreateLogGroup", logGroupName, call),
  async run(input, { store }, call) {
    const { logGroupName: name, kmsKeyId, logGroupClass = "STANDARD", deletionProtectionEnabled, tags = {} } = input;
    await store.transact(async (tx) => {
      if (await tx.first(findLogGroup, { ...homeOf(call), name })) throw logGroupExists();
      await tx.run(insertLogGroup, {
        ...homeOf(call),
        name,
        created_at: call.now,
        retention_days: null,
        kms_key_id: kmsKeyId ?? null,
        class: logGroupClass,
        deletion_protection: deletionProtectionEnabled ? 1 : 0,
        tags: JSON.stringify(tags),
      });
    });
    return {};
  },
});
