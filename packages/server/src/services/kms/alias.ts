import type { Home } from "../../wire/operation.ts";
import { invalid, notForCustomers } from "./errors.ts";

/** The ARN of an alias; its name begins with `alias/`. */
export function aliasArn({ account, region }: Home, name: string): string {
  return `arn:aws:kms:${region}:${account}:${name}`;
}

/** Errors: `ValidationException` without the prefix, `NotAuthorizedException` for AWS's own names. */
export function requireCustomerAlias(name: string): void {
  if (!/^alias\/./.test(name)) throw invalid("Invalid identifier");
  if (name.startsWith("alias/aws/")) throw notForCustomers();
}
