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
import {
  type ActionTypeTable,
  findActionType,
  listActionTypeRows,
  listPartnerTypeRows,
  listPartnerTypesNamed,
} from "../store/action-type.ts";
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

/**
 * Finds the action type that a pipeline of an account means, unless it was deleted: the account's own, or a partner's of
 * another account that lets it be used.
 */
export async function findRegistered(
  reader: Pick<Reader, "first" | "all">,
  { account, region }: TypeOwner,
  { owner, category, provider, version }: TypeId,
): Promise<ActionTypeTable | undefined> {
  const row = await reader.first(findActionType, { account, region, owner, category, provider, version });
  if (owner === "Custom") return row?.is_deleted ? undefined : row;
  if (row && mayUse(row, account)) return row;
  const named = await reader.all(listPartnerTypesNamed, { region, category, provider, version });
  return named.find((other) => mayUse(other, account));
}

/** Finds the partner's type whose jobs an account may poll for. Source: API reference, JobWorkerExecutorConfiguration. */
export async function findPollable(
  reader: Pick<Reader, "all">,
  { account, region }: TypeOwner,
  { category, provider, version }: TypeId,
): Promise<ActionTypeTable | undefined> {
  const named = await reader.all(listPartnerTypesNamed, { region, category, provider, version });
  return named.find((row) => mayPoll(row, account));
}

/** The same, read into what it means. */
export async function findRegisteredType(
  reader: Pick<Reader, "first" | "all">,
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
  return (await usableRows(reader, { account, region })).map(readType);
}

/** Their rows. Of two of one name the account's own counts. */
export async function usableRows(
  reader: Pick<Reader, "all">,
  { account, region }: TypeOwner,
): Promise<readonly ActionTypeTable[]> {
  const own = await reader.all(listActionTypeRows, { account, region });
  const partners = (await reader.all(listPartnerTypeRows, {})).filter((row) => row.region === region);
  const usable = [...own, ...partners].filter((row) => mayUse(row, account));
  return [...new Map(usable.toReversed().map((row) => [actionTypeName(row), row])).values()];
}

/** How the jobs of an action are worked on; undefined for a type that nobody has registered, such as AWS's own. */
export async function workOf(
  reader: Pick<Reader, "first" | "all">,
  place: TypeOwner,
  id: TypeId,
): Promise<ActionWork | undefined> {
  if (id.owner === "AWS") return undefined;
  return (await findRegisteredType(reader, place, id))?.work;
}

function readType({ owner, account, declaration }: ActionTypeTable): RegisteredActionType {
  // The operation that wrote it took what the model says.
  return owner === "Custom"
    ? readCustomActionType(JSON.parse(declaration) as CustomActionTypeDeclaration)
    : readPartnerActionType(JSON.parse(declaration) as PartnerActionTypeDeclaration, account);
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
function mayUse(row: ActionTypeTable, account: string): boolean {
  const allowed = row.owner === "Custom" ? undefined : partnerDeclaration(row).permissions?.allowedAccounts;
  return allowed?.some((one) => one === "*" || one === account) ?? row.account === account;
}

/** A type that names nobody is polled for by its own account. */
function mayPoll(row: ActionTypeTable, account: string): boolean {
  const { type, configuration } = partnerDeclaration(row).executor;
  const { pollingAccounts = [row.account] } = configuration.jobWorkerExecutorConfiguration ?? {};
  return type === "JobWorker" && pollingAccounts.includes(account);
}

/** UpdateActionType wrote it. */
const partnerDeclaration = ({ declaration }: ActionTypeTable) =>
  JSON.parse(declaration) as PartnerActionTypeDeclaration;
