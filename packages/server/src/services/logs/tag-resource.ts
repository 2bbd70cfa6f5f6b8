import { served } from "./context.ts";
import { tooManyTags } from "./errors.ts";
import { changeTags, onArn, TAGS_COUNT_MAX } from "./tags.ts";

/** Gives a group tags. Errors: `ResourceNotFoundException`, `TooManyTagsException`. Source: CloudWatch Logs API reference, TagResource. */
export const tagResource = served({
  name: "TagResource",
  access: ({ resourceArn }) => onArn("TagResource", resourceArn),
  async run({ resourceArn, tags }, logs, call) {
    await changeTags(logs, call, resourceArn, (before) => {
      const after = { ...before, ...tags };
      if (Object.keys(after).length > TAGS_COUNT_MAX) throw tooManyTags(TAGS_COUNT_MAX);
      return after;
    });
    return {};
  },
});
