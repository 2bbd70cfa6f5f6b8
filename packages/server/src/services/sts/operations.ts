import type { Operation } from "../../wire/operation.ts";
import { type Service, service } from "../../wire/service.ts";
import { assumeRole } from "./assume-role.ts";
import type { Input, Output, Sts } from "./context.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";
import { getSessionToken } from "./get-session-token.ts";
import { model } from "./model.generated.ts";
import type { Operations } from "./shapes.generated.ts";

/** Everything that STS does here, by name; one that is in the shapes and not here does not compile. */
export const operations: { readonly [Name in keyof Operations]: Operation<Sts, Input<Name>, Output<Name>> } = {
  GetCallerIdentity: getCallerIdentity,
  AssumeRole: assumeRole,
  GetSessionToken: getSessionToken,
};

/** STS, ready to be served. */
export function sts(context: Sts): Service<Operations> {
  return service<Sts, Operations>({ model, context, operations });
}
