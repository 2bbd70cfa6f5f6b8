import type { Operation } from "../../wire/operation.ts";
import { type Service, service } from "../../wire/service.ts";
import { attachRolePolicy } from "./attach-role-policy.ts";
import type { Iam, Input, Output } from "./context.ts";
import { createRole } from "./create-role.ts";
import { deleteRole } from "./delete-role.ts";
import { deleteRolePolicy } from "./delete-role-policy.ts";
import { detachRolePolicy } from "./detach-role-policy.ts";
import { getRole } from "./get-role.ts";
import { getRolePolicy } from "./get-role-policy.ts";
import { listAttachedRolePolicies } from "./list-attached-role-policies.ts";
import { listRolePolicies } from "./list-role-policies.ts";
import { listRoles } from "./list-roles.ts";
import { model } from "./model.generated.ts";
import { putRolePolicy } from "./put-role-policy.ts";
import type { Operations } from "./shapes.generated.ts";
import { updateAssumeRolePolicy } from "./update-assume-role-policy.ts";
import { updateRole } from "./update-role.ts";

/** Everything that IAM does here, by name; one that is in the shapes and not here does not compile. */
export const operations: { readonly [Name in keyof Operations]: Operation<Iam, Input<Name>, Output<Name>> } = {
  CreateRole: createRole,
  GetRole: getRole,
  UpdateRole: updateRole,
  UpdateAssumeRolePolicy: updateAssumeRolePolicy,
  DeleteRole: deleteRole,
  ListRoles: listRoles,
  PutRolePolicy: putRolePolicy,
  GetRolePolicy: getRolePolicy,
  DeleteRolePolicy: deleteRolePolicy,
  ListRolePolicies: listRolePolicies,
  AttachRolePolicy: attachRolePolicy,
  DetachRolePolicy: detachRolePolicy,
  ListAttachedRolePolicies: listAttachedRolePolicies,
};

/** IAM, ready to be served. */
export function iam(context: Iam): Service<Operations> {
  return service<Iam, Operations>({ model, context, operations });
}
