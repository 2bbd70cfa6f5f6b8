import { findLogGroup, insertLogGroup } from "../../store/log.ts";
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
  access: ({ logGroupName }, logs, call) => onGroup("CreateLogGroup", logGroupName, logs, call),
  async run(input, { store }, { region, now }) {
    const { logGroupName: name, kmsKeyId, logGroupClass = "STANDARD", deletionProtectionEnabled, tags = {} } = input;
    await store.transact(async (tx) => {
      if (await tx.first(findLogGroup, { region, name })) throw logGroupExists();
      await tx.run(insertLogGroup, {
        region,
        name,
        created_at: now,
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
