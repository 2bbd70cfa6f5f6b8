import type { RoleTable } from "../../store/role.ts";
import type { Role, Tag } from "./shapes.generated.ts";

/** Policy documents stand in replies in percent-encoding, as RFC 3986 has it. Source: IAM API reference. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A role as IAM shows it alone. */
export function toRole(row: RoleTable): Role {
  // Only CreateRole writes the column.
  const tags = JSON.parse(row.tags) as readonly Tag[];
  return { ...toListedRole(row), ...(tags.length > 0 && { Tags: tags }), RoleLastUsed: {} };
}

/** A role as it stands in lists, which leave out tags and last use. Source: IAM API reference, ListRoles. */
export function toListedRole(row: RoleTable): Role {
  return {
    Path: row.path,
    RoleName: row.name,
    RoleId: row.id,
    Arn: row.arn,
    CreateDate: row.created_at,
    AssumeRolePolicyDocument: encodeDocument(row.trust_policy),
    ...(row.description !== null && { Description: row.description }),
    MaxSessionDuration: row.max_session_seconds,
  };
}
