import { listKeys as listKeysAfter } from "../../store/key.ts";
import { homeOf, operation } from "../../wire/operation.ts";
import type { Input, Kms, Output } from "./context.ts";
import { fromMarker, KEYS_PAGE_DEFAULT, toPage } from "./paging.ts";

/** Lists the region's keys. Errors: `InvalidMarkerException`. Source: KMS API reference, ListKeys. */
export const listKeys = operation<Kms, Input<"ListKeys">, Output<"ListKeys">>({
  name: "ListKeys",
  access: () => [{ action: "kms:ListKeys", resource: "*" }],
  async run({ Limit = KEYS_PAGE_DEFAULT, Marker }, { store }, call) {
    const rows = await store.read.all(listKeysAfter, { ...homeOf(call), after: fromMarker(Marker), limit: Limit + 1 });
    const { items, ...rest } = toPage(rows, Limit, (key) => key.id);
    const live = items.filter(({ deletion_at }) => deletion_at === null || deletion_at > call.now);
    return { Keys: live.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...rest };
  },
});
