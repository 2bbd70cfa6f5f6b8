import { keyPendingDeletion } from "../../keys/errors.ts";
import type { Key } from "../../keys/keys.ts";
import { homeOf } from "../../wire/operation.ts";
import { authorize, type Kms, type KmsCall } from "./context.ts";
import { invalid, notAcrossAccounts } from "./errors.ts";

/**
 * Finds a key whose state the caller may change. Aliases are not taken, as in the service, nor keys of another account,
 * whatever their policies say. Keys of AWS's own need no rule here: their policy lets nobody change them.
 *
 * Errors: `NotFoundException`, `AccessDeniedException`, `ValidationException`; `KMSInvalidStateException` when it is to be deleted.
 */
export async function changeableKey(action: string, keyId: string, kms: Kms, call: KmsCall): Promise<Key> {
  const key = await ownKey(action, keyId, kms, call);
  if (key.state === "PendingDeletion") throw keyPendingDeletion(key.arn);
  return key;
}

/** As `changeableKey`, for whoever deals with keys that are to be deleted. */
export async function ownKey(action: string, keyId: string, kms: Kms, call: KmsCall): Promise<Key> {
  if (/(^|:)alias\//.test(keyId)) throw invalid(`${keyId} is an alias; ${action} takes a key id or a key ARN.`);
  const key = await kms.keys.find(keyId, homeOf(call));
  if (key.account !== call.principal.account) throw notAcrossAccounts(call.principal.arn, action, key.arn);
  await authorize(action, key, kms, call);
  return key;
}
