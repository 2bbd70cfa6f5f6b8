import { served } from "./context.ts";
import { onResource, taggedFunction } from "./tagged-function.ts";

/** Takes tags off a function. Errors: as TagResource. Source: Lambda API reference, UntagResource. */
export const untagResource = served({
  name: "UntagResource",
  access: ({ Resource }) => onResource("UntagResource", Resource),
  async run({ Resource, TagKeys }, { registry }, call) {
    const gone = new Set(TagKeys);
    await registry.editTags(taggedFunction(Resource, call), (before) =>
      Object.fromEntries(Object.entries(before).filter(([key]) => !gone.has(key))),
    );
    return {};
  },
});
