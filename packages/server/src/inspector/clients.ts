import { actionTypeName, clientIdOf } from "../engine/registered-types.ts";
import { listPartnerTypeRows } from "../store/action-type.ts";
import type { Reader } from "../store/store.ts";

/**
 * The client ids and tokens of partners' action types. In AWS a partner learns them when its customer connects; here
 * whoever runs the server hands them to the workers. A token alone opens nothing: every operation asks for rights as well.
 */
export async function clientsPage(read: Reader): Promise<object> {
  const rows = await read.all(listPartnerTypeRows, {});
  return {
    clients: rows.map((row) => ({
      account: row.account,
      region: row.region,
      actionType: actionTypeName(row),
      clientId: clientIdOf(row),
      clientToken: row.client_token,
    })),
  };
}
