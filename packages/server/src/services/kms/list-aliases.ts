import { type KeyAliasTable, listAliases as listAliasesAfter, listAliasesOfKey } from "../../store/key.ts";
import { homeOf, operation } from "../../wire/operation.ts";
import { aliasArn } from "./alias.ts";
import type { Input, Kms, Output } from "./context.ts";
import { ALIASES_PAGE_DEFAULT, fromMarker, toPage } from "./paging.ts";
import type { AliasListEntry } from "./shapes.generated.ts";

/**
 * Lists names of keys, of one or of all. Errors: `NotFoundException`, `InvalidMarkerException`.
 * Source: KMS API reference, ListAliases.
 */
export const listAliases = operation<Kms, Input<"ListAliases">, Output<"ListAliases">>({
  name: "ListAliases",
  access: () => [{ action: "kms:ListAliases", resource: "*" }],
  async run({ KeyId, Limit = ALIASES_PAGE_DEFAULT, Marker }, { store, keys }, call) {
    const from = { after: fromMarker(Marker), limit: Limit + 1 };
    const rows =
      KeyId === undefined
        ? await store.read.all(listAliasesAfter, { ...homeOf(call), ...from })
        : await store.read.all(listAliasesOfKey, { key_id: (await keys.find(KeyId, homeOf(call))).id, ...from });
    const { items, ...rest } = toPage(rows, Limit, (alias) => alias.name);
    return { Aliases: items.map(toEntry), ...rest };
  },
});

function toEntry({ account, region, name, key_id, created_at }: KeyAliasTable): AliasListEntry {
  return {
    AliasName: name,
    AliasArn: aliasArn({ account, region }, name),
    TargetKeyId: key_id,
    CreationDate: created_at,
    LastUpdatedDate: created_at,
  };
}
