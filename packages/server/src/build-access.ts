import type { Foundation } from "./build-engine.ts";
import type { Functions } from "./functions/open-functions.ts";
import type { RootKey } from "./identity/create-identity.ts";
import type { AccessDecision, Caller, PolicyDocument } from "./identity/identity.ts";
import { storedPolicy } from "./identity/policy.ts";
import { type ServerOptions, StartError } from "./server.ts";
import type { Access } from "./wire/operation.ts";

type Ground = Pick<Foundation, "identity" | "objects" | "functions" | "keys">;

/** Whether a caller may do something, with all that the resource itself says of who may use it. */
export type Authorize = (caller: Caller, access: Access) => Promise<AccessDecision>;

/** Makes the check that every request passes, and whatever the server does in somebody's name. */
export function createAuthorize(ground: Ground): Authorize {
  return async (caller, access) =>
    await ground.identity.authorize({ caller, ...access, ...(await sayOf(ground, access)) });
}

/** What a resource itself says of who may use it, and whose it is. Most calls are for resources that have no say. */
async function sayOf(ground: Ground, { action, resource, context: given }: Access) {
  if (action === "s3:CreateBucket") return undefined; // whoever may already have the name
  if (action.startsWith("s3:")) {
    const { bucketSayFor } = await import("./services/s3/context.ts");
    return await bucketSayFor(ground, resource);
  }
  if (action.startsWith("kms:")) {
    const { keySays } = await import("./services/kms/context.ts");
    const { resourcePolicy, context } = await keySays(ground, resource);
    return { ...(resourcePolicy && { resourcePolicy }), context: { ...given, ...context } };
  }
  const policy = action.startsWith("lambda:") ? await functionPolicyFor(ground.functions, resource) : undefined;
  return policy && { resourcePolicy: policy };
}

/** The policy of a function, a version or an alias, for a check of access. Nothing when it has none. */
export async function functionPolicyFor({ policies }: Functions, arn: string): Promise<PolicyDocument | undefined> {
  const document = await policies.documentOf(arn);
  return document === undefined ? undefined : storedPolicy(document, "resource");
}

/**
 * The keys of accounts' roots: those that are given, else the one that everybody knows.
 *
 * Errors: `StartError` for an account or a key that is given twice, and for what is no account.
 */
export function rootKeysOf(account: string, { rootKeys, accounts = {} }: ServerOptions): readonly RootKey[] {
  const own = { account, ...(rootKeys ?? { accessKeyId: "test", secretAccessKey: "test" }) };
  const keys = [own, ...Object.entries(accounts).map(([other, key]) => ({ account: other, ...key }))];
  for (const [index, key] of keys.entries()) {
    if (!/^\d{12}$/.test(key.account)) throw new StartError(`${key.account} is no account: write twelve digits.`);
    if (/^(\d{12}$|ASIA)/.test(key.accessKeyId)) {
      throw new StartError(
        `The access key of account ${key.account} looks like an account's number or like a session's key. Give it another.`,
      );
    }
    const before = keys
      .slice(0, index)
      .find((one) => one.account === key.account || one.accessKeyId === key.accessKeyId);
    if (!before) continue;
    throw new StartError(
      before.account === key.account
        ? `Account ${key.account} is the server's own. Its keys are rootKeys (PENSTOCK_ROOT_ACCESS_KEY_ID and PENSTOCK_ROOT_SECRET_ACCESS_KEY); leave it out of accounts.`
        : `Accounts ${before.account} and ${key.account} have the same access key. Give each its own.`,
    );
  }
  return keys;
}
