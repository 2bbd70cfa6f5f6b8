import { invalidParameter } from "../../functions/registry-errors.ts";
import { served } from "./context.ts";
import { onResource, taggedFunction } from "./tagged-function.ts";

/** Source: Lambda developer guide, "Using tags", restrictions. */
const TAGS_COUNT_MAX = 50;

/**
 * Adds tags to a function, and gives those that it has new values.
 *
 * Errors: `ResourceNotFoundException`; `InvalidParameterValueException` for more than 50 tags, and for a version or an
 * alias. Source: Lambda API reference, TagResource.
 */
export const tagResource = served({
  name: "TagResource",
  access: ({ Resource }) => onResource("TagResource", Resource),
  async run({ Resource, Tags }, { registry }, call) {
    await registry.editTags(taggedFunction(Resource, call), (before) => {
      const tags = { ...before, ...Tags };
      if (Object.keys(tags).length > TAGS_COUNT_MAX) throw tooMany();
      return tags;
    });
    return {};
  },
});

const tooMany = () => invalidParameter(`Number of tags exceeds function tag limit (${TAGS_COUNT_MAX}).`);
