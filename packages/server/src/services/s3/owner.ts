import { createHash } from "node:crypto";
import type { Grant, Owner } from "./shapes.generated.ts";

/** The account as S3 names owners. Source: our choice of id, 64 hex digits as in the service, the same every time. */
export function ownerOf(account: string): Owner & { readonly ID: string } {
  return { ID: createHash("sha256").update(`canonical-user:${account}`).digest("hex") };
}

/** The only grant there is: access control lists are taken and have no effect, as with `BucketOwnerEnforced`. */
export function ownersGrant(account: string): Grant {
  return { Grantee: { ...ownerOf(account), Type: "CanonicalUser" }, Permission: "FULL_CONTROL" };
}
