import { actionExecutionSchema } from "./action-execution.ts";
import { actionTypeSchema } from "./action-type.ts";
import { bucketSchema } from "./bucket.ts";
import { bucketSettingSchema } from "./bucket-setting.ts";
import { executionSchema } from "./execution.ts";
import { functionSchema } from "./function.ts";
import { functionAliasSchema } from "./function-alias.ts";
import { functionInvokeConfigSchema } from "./function-invoke-config.ts";
import { functionPolicySchema } from "./function-policy.ts";
import { jobSchema } from "./job.ts";
import { keySchema } from "./key.ts";
import { layerSchema } from "./layer.ts";
import { logSchema } from "./log.ts";
import { objectSchema } from "./object.ts";
import { pipelineSchema } from "./pipeline.ts";
import { roleSchema } from "./role.ts";
import { storySchema } from "./story.ts";
import { workSchema } from "./work.ts";
import { workerJobSchema } from "./worker-job.ts";

/** Each entry brings the tables one version further. A released one is never edited. */
const migrations: readonly (readonly string[])[] = [
  [
    ...pipelineSchema,
    ...executionSchema,
    ...actionExecutionSchema,
    ...actionTypeSchema,
    ...jobSchema,
    ...workerJobSchema,
    ...workSchema,
    ...storySchema,
    ...functionSchema,
    ...functionAliasSchema,
    ...functionPolicySchema,
    ...functionInvokeConfigSchema,
    ...layerSchema,
    ...roleSchema,
    ...bucketSchema,
    ...objectSchema,
    ...bucketSettingSchema,
    ...keySchema,
    ...logSchema,
  ],
];

/** The file was written by a newer Penstock than this one. */
export class StoreVersionError extends Error {
  override readonly name = "StoreVersionError";
}

/** Brings a database up to date, a version a transaction. */
export function migrate(database: { exec(sql: string): void; version(): number }): void {
  const found = database.version();
  if (found > migrations.length) {
    throw new StoreVersionError(
      `The data is of version ${found} and was written by a newer Penstock; this one knows versions up to ${migrations.length}. Update Penstock, or name another data folder with --data.`,
    );
  }
  for (let version = found; version < migrations.length; version += 1) {
    const steps = migrations[version] ?? [];
    database.exec(["begin immediate", ...steps, `pragma user_version = ${version + 1}`, "commit"].join(";\n"));
  }
}
