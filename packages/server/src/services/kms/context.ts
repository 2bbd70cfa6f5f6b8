import type { AccessRequest, Caller, Identity } from "../../identity/identity.ts";
import { storedPolicy } from "../../identity/policy.ts";
import type { Key, KeyStore } from "../../keys/keys.ts";
import type { Store } from "../../store/store.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Call } from "../../wire/operation.ts";
import { accessDenied } from "./errors.ts";
import type { Operations } from "./shapes.generated.ts";

/** What KMS's operations work with. */
export interface Kms {
  readonly store: Store;
  readonly keys: KeyStore;
  readonly identity: Identity;
}

export type Input<Name extends keyof Operations> = Operations[Name]["input"];
export type Output<Name extends keyof Operations> = Operations[Name]["output"];

/** A call as KMS's operations get it: `findKey` of the identity answered the principal. */
export type KmsCall = Call<Caller>;

/**
 * Asks the key's policy and the caller's. Operations on a key call it once they have the key, because the
 * key's policy has a say; that is why they have no `access`.
 *
 * Errors: `AccessDeniedException`.
 */
export async function authorize(
  action: string,
  key: Key,
  { identity, keys }: Kms,
  call: KmsCall,
  encryptionContext: Readonly<Record<string, string>> = {},
): Promise<void> {
  const decision = await identity.authorize({
    caller: call.principal,
    action,
    resource: key.arn,
    resourcePolicy: storedPolicy(key.policy, "resource"),
    context: {
      ...conditionKeys(call.principal.account, encryptionContext),
      [RESOURCE_ALIASES]: await keys.aliasesOf(key),
    },
  });
  if (!decision.allowed) throw accessDenied(decision.message);
}

/** Source: KMS developer guide, "AWS KMS condition keys". */
function conditionKeys(
  account: string,
  encryptionContext: Readonly<Record<string, string>>,
): NonNullable<AccessRequest["context"]> {
  const pairs = Object.entries(encryptionContext).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]);
  const names = Object.keys(encryptionContext);
  return {
    "kms:CallerAccount": account,
    ...Object.fromEntries(pairs),
    ...(names.length > 0 && { "kms:EncryptionContextKeys": names }),
  };
}

/** Lets a policy name keys by their aliases. Source: KMS developer guide, "kms:ResourceAliases". */
const RESOURCE_ALIASES = "kms:ResourceAliases";

/**
 * What the key that an ARN names has to say of its use by services in their caller's name: its policy, and its aliases
 * as a condition key. Nothing if there is no such key.
 */
export async function keySays(
  { keys }: Pick<Kms, "keys">,
  arn: string,
): Promise<Pick<AccessRequest, "resourcePolicy" | "context">> {
  const [, , , region = "", account = ""] = arn.split(":");
  try {
    const key = await keys.find(arn, { account, region });
    const resourcePolicy = storedPolicy(key.policy, "resource");
    return { resourcePolicy, context: { [RESOURCE_ALIASES]: await keys.aliasesOf(key) } };
  } catch (error) {
    // A key that is not there says nothing; whoever uses it is told so.
    if (error instanceof ServiceError) return {};
    throw error;
  }
}
