import {
  type ActionTypeId,
  type ActionWork,
  type CustomActionTypeDeclaration,
  hideSecrets,
  type PartnerActionTypeDeclaration,
  type RegisteredActionType,
  readCustomActionType,
  readPartnerActionType,
  secretKeys,
} from "@penstock/pipeline";
import type { ActionInput } from "../store/action-execution.ts";
import { type ActionTypeTable, findActionType, listActionTypeRows } from "../store/action-type.ts";
import type { Reader } from "../store/store.ts";
import { uuidOfPath } from "./ids.ts";

/** Whose action types they are. */
export interface TypeOwner {
  readonly account: string;
  readonly region: string;
}

/** An action type by its parts, in the order of its ARN. */
type TypeId = { readonly [Part in keyof ActionTypeId]: string };

/** `<owner>/<category>/<provider>/<version>`: an action type's name in ARNs and in our rows. */
export function actionTypeName({ owner, category, provider, version }: TypeId): string {
  return `${owner}/${category}/${provider}/${version}`;
}

/** Finds an action type that somebody has registered, unless it was deleted. */
export async function findRegistered(
  reader: Pick<Reader, "first">,
  { account, region }: TypeOwner,
  { owner, category, provider, version }: TypeId,
): Promise<ActionTypeTable | undefined> {
  const row = await reader.first(findActionType, { account, region, owner, category, provider, version });
  return row?.is_deleted ? undefined : row;
}

/** The same, read into what it means. */
export async function findRegisteredType(
  reader: Pick<Reader, "first">,
  place: TypeOwner,
  id: TypeId,
): Promise<RegisteredActionType | undefined> {
  const row = await findRegistered(reader, place, id);
  return row && readType(row);
}

/** The id of who uses a partner's type in an account: what its workers know a client token by. */
export function clientIdOf(row: TypeOwner & TypeId): string {
  return uuidOfPath(`client/${row.account}/${row.region}/${actionTypeName(row)}`);
}

/** All registered action types that a pipeline of an account and region may use. */
export async function registeredTypes(
  reader: Pick<Reader, "all">,
  { account, region }: TypeOwner,
): Promise<readonly RegisteredActionType[]> {
  const rows = await reader.all(listActionTypeRows, { account, region });
  return rows.filter((row) => mayUse(row, account)).map(readType);
}

/** How the jobs of an action are worked on; undefined for a type that nobody has registered, such as AWS's own. */
export async function workOf(
  reader: Pick<Reader, "first">,
  place: TypeOwner,
  id: TypeId,
): Promise<ActionWork | undefined> {
  if (id.owner === "AWS") return undefined;
  return (await findRegisteredType(reader, place, id))?.work;
}

function readType({ owner, declaration }: ActionTypeTable): RegisteredActionType {
  // The operation that wrote it took what the model says.
  return owner === "Custom"
    ? readCustomActionType(JSON.parse(declaration) as CustomActionTypeDeclaration)
    : readPartnerActionType(JSON.parse(declaration) as PartnerActionTypeDeclaration);
}

/** An action's configuration as it is shown: without the values that its type calls secret. */
export function shownConfiguration(
  configuration: Readonly<Record<string, string>>,
  { work, actionTypeId }: Pick<ActionInput, "work" | "actionTypeId">,
): Readonly<Record<string, string>> {
  // CreatePipeline has checked the type.
  return hideSecrets(configuration, work?.secret ?? secretKeys(actionTypeId as ActionTypeId));
}

/** Source: API reference, ActionTypePermissions. A custom type, and a partner's that names nobody, is its account's own. */
function mayUse({ owner, declaration }: ActionTypeTable, account: string): boolean {
  if (owner === "Custom") return true;
  const { permissions } = JSON.parse(declaration) as PartnerActionTypeDeclaration; // as above
  return permissions?.allowedAccounts.some((allowed) => allowed === "*" || allowed === account) ?? true;
}
