import { isDeepStrictEqual } from "node:util";
import { type CustomActionTypeDeclaration, type RegisteredActionType, readCustomActionType } from "@penstock/pipeline";
import { inputWrong, isServiceError } from "../failure.ts";
import type { Server } from "../server-port.ts";
import type { Project } from "./project.ts";

/** The custom types that a pipeline is held against. A project that declares none may be meant for a server that has them. */
export function registeredIn({ actionTypes }: Project): { readonly registered?: readonly RegisteredActionType[] } {
  return actionTypes ? { registered: actionTypes.map(readCustomActionType) } : {};
}

/** Makes the declared custom action types that are not there yet. Throws a `Failure` (exit status 2). */
export async function deployActionTypes(server: Server, { actionTypes = [] }: Project): Promise<void> {
  if (actionTypes.length === 0) return;
  // Output of ListActionTypes, as the model has it.
  const listed = (await server.call("codepipeline", "ListActionTypes", { actionOwnerFilter: "Custom" })) as {
    actionTypes: readonly ShownType[];
  };
  for (const declared of actionTypes) {
    const before = listed.actionTypes.find(({ id }) => isSameType(id, declared));
    if (!before) await create(server, declared);
    else if (!isDeepStrictEqual(declarationOf(before), declarationOf(shown(declared)))) throw changed(declared);
  }
}

/** An action type as ListActionTypes shows it. */
interface ShownType
  extends Omit<CustomActionTypeDeclaration, "category" | "provider" | "version" | "configurationProperties"> {
  readonly id: { readonly category: string; readonly provider: string; readonly version: string };
  readonly actionConfigurationProperties: CustomActionTypeDeclaration["configurationProperties"];
}

function isSameType(id: ShownType["id"], { category, provider, version }: CustomActionTypeDeclaration): boolean {
  return id.category === category && id.provider === provider && id.version === version;
}

function shown({ configurationProperties = [], ...declared }: CustomActionTypeDeclaration) {
  return { ...declared, actionConfigurationProperties: configurationProperties };
}

function declarationOf({ actionConfigurationProperties, ...declared }: Omit<ShownType, "id">) {
  const { settings = {}, inputArtifactDetails, outputArtifactDetails } = declared;
  return { settings, inputArtifactDetails, outputArtifactDetails, actionConfigurationProperties };
}

async function create(server: Server, declared: CustomActionTypeDeclaration): Promise<void> {
  try {
    await server.call("codepipeline", "CreateCustomActionType", declared);
  } catch (error) {
    if (!isServiceError(error)) throw error;
    const message = `action type ${declared.provider}: ${error.code}: ${error.message}`;
    throw inputWrong(message, "Correct it in penstock.yaml; the text above is CodePipeline's own.", error);
  }
}

function changed({ provider, version }: CustomActionTypeDeclaration) {
  return inputWrong(
    `action type ${provider} is there with version ${version}, and other than penstock.yaml declares it`,
    "A version of an action type cannot be changed. Give it another one, there and in the pipeline.",
  );
}
