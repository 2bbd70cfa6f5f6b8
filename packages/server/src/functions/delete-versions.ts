import { deleteFunction, deleteFunctionVersion, listFunctionVersions } from "../store/function.ts";
import { deleteFunctionAliases, listAliasesOfVersion } from "../store/function-alias.ts";
import { deleteFunctionInvokeConfig, deleteFunctionInvokeConfigs } from "../store/function-invoke-config.ts";
import { deleteFunctionPolicies, deleteFunctionPolicy } from "../store/function-policy.ts";
import type { Store, Tx } from "../store/store.ts";
import { LATEST, type Located, toVersionNumber } from "./locate.ts";
import { conflict, functionNotFound } from "./registry-errors.ts";

/** More versions and aliases than a function can have here. */
const ROWS_MAX = 1_000_000;

/** Deletes a version, or without a qualifier the function and all that hangs on it. Answers ARNs of gone versions. */
export async function deleteVersions(
  store: Store,
  located: Located,
  qualifier: string | undefined,
): Promise<readonly string[]> {
  if (qualifier === undefined) return store.transact((tx) => deleteWhole(tx, located));
  const version = toVersionNumber(qualifier);
  if (version === undefined || version === LATEST) throw functionNotFound(`${located.arn}:${qualifier}`);
  return store.transact((tx) => deleteOne(tx, located, version));
}

async function deleteWhole(tx: Tx, { account, region, name, arn }: Located): Promise<readonly string[]> {
  const key = { account, region, function_name: name };
  const versions = await tx.all(listFunctionVersions, { account, region, name, version: -1, limit: ROWS_MAX });
  if ((await tx.run(deleteFunction, { account, region, name })) === 0) throw functionNotFound(arn);
  await tx.run(deleteFunctionAliases, key);
  await tx.run(deleteFunctionPolicies, key);
  await tx.run(deleteFunctionInvokeConfigs, key);
  return versions.map(({ version }) => (version === LATEST ? arn : `${arn}:${version}`));
}

/** Source: the service's own text, which users see. */
async function deleteOne(tx: Tx, { account, region, name, arn }: Located, version: number): Promise<readonly string[]> {
  const key = { account, region, function_name: name };
  const aliases = await tx.all(listAliasesOfVersion, { ...key, version, after: "", limit: ROWS_MAX });
  if (aliases.length > 0) {
    const names = aliases.map((alias) => alias.name).join(", ");
    throw conflict(`Unable to delete version because the following aliases reference it: [${names}]`);
  }
  if ((await tx.run(deleteFunctionVersion, { account, region, name, version })) === 0)
    throw functionNotFound(`${arn}:${version}`);
  await tx.run(deleteFunctionPolicy, { ...key, qualifier: String(version) });
  await tx.run(deleteFunctionInvokeConfig, { ...key, qualifier: String(version) });
  return [`${arn}:${version}`];
}
