import { served } from "./context.ts";
import { changeTags, onArn } from "./tags.ts";

/** Takes tags from a group. Errors: `ResourceNotFoundException`. Source: CloudWatch Logs API reference, UntagResource. */
export const untagResource = served({
  name: "UntagResource",
  access: ({ resourceArn }) => onArn("UntagResource", resourceArn),
  async run({ resourceArn, tagKeys }, logs, call) {
    const isKept = ([key]: readonly [string, string]) => !tagKeys.includes(key);
    await changeTags(logs, call, resourceArn, (before) => Object.fromEntries(Object.entries(before).filter(isKept)));
    return {};
  },
});
