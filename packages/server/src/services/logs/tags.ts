import { setLogTags } from "../../store/log.ts";
import { type Access, type Call, homeOf } from "../../wire/operation.ts";
import type { Logs } from "./context.ts";
import { groupNameOfArn, requireGroup } from "./find.ts";

export type Tags = Readonly<Record<string, string>>;

/** Most tags of one resource. Source: CloudWatch Logs API reference, TagResource. */
export const TAGS_COUNT_MAX = 50;

/** The right to an operation on a resource that the input names by its ARN. */
export function onArn(action: string, arn: string): readonly Access[] {
  return [{ action: `logs:${action}`, resource: arn }];
}

/** Changes the tags of the group that an ARN names. Errors: `ResourceNotFoundException`, `InvalidParameterException`. */
export async function changeTags(
  { store }: Logs,
  call: Call,
  resourceArn: string,
  change: (tags: Tags) => Tags,
): Promise<void> {
  const name = groupNameOfArn(resourceArn);
  await store.transact(async (tx) => {
    const { id, tags } = await requireGroup(tx, homeOf(call), name);
    await tx.run(setLogTags, { id, tags: JSON.stringify(change(readTags(tags))) });
  });
}

export const readTags = (tags: string) => JSON.parse(tags) as Tags; // we wrote it
