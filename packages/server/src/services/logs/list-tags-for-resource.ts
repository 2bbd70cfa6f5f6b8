import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { groupNameOfArn, requireGroup } from "./find.ts";
import { onArn, readTags } from "./tags.ts";

/** Shows a group's tags. Errors: `ResourceNotFoundException`. Source: CloudWatch Logs API reference, ListTagsForResource. */
export const listTagsForResource = served({
  name: "ListTagsForResource",
  access: ({ resourceArn }) => onArn("ListTagsForResource", resourceArn),
  async run({ resourceArn }, { store }, call) {
    const { tags } = await requireGroup(store.read, homeOf(call), groupNameOfArn(resourceArn));
    return { tags: readTags(tags) };
  },
});
