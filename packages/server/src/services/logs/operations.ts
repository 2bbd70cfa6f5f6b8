import { type OperationOf, type Service, service } from "../../wire/service.ts";
import type { Logs } from "./context.ts";
import { createLogGroup } from "./create-log-group.ts";
import { createLogStream } from "./create-log-stream.ts";
import { deleteLogGroup } from "./delete-log-group.ts";
import { deleteLogStream } from "./delete-log-stream.ts";
import { deleteRetentionPolicy } from "./delete-retention-policy.ts";
import { describeLogGroups } from "./describe-log-groups.ts";
import { describeLogStreams } from "./describe-log-streams.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { getLogEvents } from "./get-log-events.ts";
import { listTagsForResource } from "./list-tags-for-resource.ts";
import { model } from "./model.generated.ts";
import { putLogEvents } from "./put-log-events.ts";
import { putRetentionPolicy } from "./put-retention-policy.ts";
import type { Operations } from "./shapes.generated.ts";
import { tagResource } from "./tag-resource.ts";
import { untagResource } from "./untag-resource.ts";

/** CloudWatch Logs, ready to be served. */
export function logs(context: Logs): Service<Operations> {
  return service<Logs, Operations>({ model, context, operations });
}

/** Everything that CloudWatch Logs does here, by name; one that is in the shapes and not here does not compile. */
export const operations: { readonly [Name in keyof Operations]: OperationOf<Logs, Operations, Name> } = {
  CreateLogGroup: createLogGroup,
  CreateLogStream: createLogStream,
  DeleteLogGroup: deleteLogGroup,
  DeleteLogStream: deleteLogStream,
  DeleteRetentionPolicy: deleteRetentionPolicy,
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  FilterLogEvents: filterLogEvents,
  GetLogEvents: getLogEvents,
  ListTagsForResource: listTagsForResource,
  PutLogEvents: putLogEvents,
  PutRetentionPolicy: putRetentionPolicy,
  TagResource: tagResource,
  UntagResource: untagResource,
};
