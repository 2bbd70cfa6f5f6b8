import { served } from "./context.ts";
import { requireFunction } from "./find.ts";
import { onResource, taggedFunction } from "./tagged-function.ts";

/** Shows a function's tags. Errors: as TagResource. Source: Lambda API reference, ListTags. */
export const listTags = served({
  name: "ListTags",
  access: ({ Resource }) => onResource("ListTags", Resource),
  async run({ Resource }, { registry }, call) {
    const { reference } = taggedFunction(Resource, call);
    const { tags } = await requireFunction(registry, call, reference);
    return { Tags: tags };
  },
});
