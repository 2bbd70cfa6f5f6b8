import type { ActionExecutionTable } from "./action-execution.ts";
import type { ExecutionTable } from "./execution.ts";
import type { InvocationTable } from "./invocation.ts";
import type { JobTable } from "./job.ts";
import type { PipelineTable, PipelineVersionTable } from "./pipeline.ts";
import type { StoryTable } from "./story.ts";
import type { FunctionTable } from "./function.ts";
import type { RolePolicyTable, RoleTable } from "./role.ts";
import type { BucketTable, MultipartUploadTable, ObjectTable, PartTable } from "./object.ts";
import type { KeyTable } from "./key.ts";

/** Every table, by its name in the database. Each has a file of its own with its rows and its statements. */
export interface Tables {
  pipeline: PipelineTable;
  pipeline_version: PipelineVersionTable;
  execution: ExecutionTable;
  action_execution: ActionExecutionTable;
  job: JobTable;
  invocation: InvocationTable;
  story: StoryTable;
  function: FunctionTable;
  role: RoleTable;
  role_policy: RolePolicyTable;
  bucket: BucketTable;
  object: ObjectTable;
  multipart_upload: MultipartUploadTable;
  part: PartTable;
  kms_key: KeyTable;
}
