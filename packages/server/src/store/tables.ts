import type { ActionExecutionTable } from "./action-execution.ts";
import type { BucketSettingTable } from "./bucket-setting.ts";
import type { ExecutionTable, StageExecutionTable } from "./execution.ts";
import type { FunctionTable } from "./function.ts";
import type { FunctionAliasTable } from "./function-alias.ts";
import type { FunctionInvokeConfigTable } from "./function-invoke-config.ts";
import type { FunctionPolicyTable } from "./function-policy.ts";
import type { JobTable } from "./job.ts";
import type { KeyAliasTable, KeyTable } from "./key.ts";
import type { LayerVersionTable } from "./layer.ts";
import type { LogEventTable, LogGroupTable, LogStreamTable } from "./log.ts";
import type { BucketTable, MultipartUploadTable, ObjectTable, PartTable } from "./object.ts";
import type { PipelineStateTable, PipelineTable, PipelineVersionTable } from "./pipeline.ts";
import type { RolePolicyTable, RoleTable } from "./role.ts";
import type { StoryTable } from "./story.ts";
import type { WorkTable } from "./work.ts";

/** Every table, by its name in the database. Each has a file of its own with its rows and its statements. */
export interface Tables {
  pipeline: PipelineTable;
  pipeline_version: PipelineVersionTable;
  pipeline_state: PipelineStateTable;
  execution: ExecutionTable;
  stage_execution: StageExecutionTable;
  action_execution: ActionExecutionTable;
  job: JobTable;
  work: WorkTable;
  story: StoryTable;
  function: FunctionTable;
  function_alias: FunctionAliasTable;
  function_policy: FunctionPolicyTable;
  function_invoke_config: FunctionInvokeConfigTable;
  layer_version: LayerVersionTable;
  role: RoleTable;
  role_policy: RolePolicyTable;
  bucket: BucketTable;
  bucket_setting: BucketSettingTable;
  object: ObjectTable;
  multipart_upload: MultipartUploadTable;
  part: PartTable;
  kms_key: KeyTable;
  kms_alias: KeyAliasTable;
  log_group: LogGroupTable;
  log_stream: LogStreamTable;
  log_event: LogEventTable;
}
