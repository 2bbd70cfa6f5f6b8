import { inputWrong, isServiceError } from "../failure.ts";
import type { Server } from "../server-port.ts";
import type { KeyDeclaration, Project } from "./project.ts";

/** Makes the declared KMS keys, each under its alias, and gives them their policies. Throws a `Failure` (exit status 2). */
export async function deployKeys(server: Server, { keys = {} }: Project): Promise<void> {
  for (const [alias, declared] of Object.entries(keys)) {
    try {
      await putKey(server, alias, declared);
    } catch (error) {
      if (!isServiceError(error)) throw error;
      const message = `key ${alias}: ${error.code}: ${error.message}`;
      throw inputWrong(message, "Correct the key in penstock.yaml; the text above is KMS's own.", error);
    }
  }
}

async function putKey(server: Server, alias: string, { policy }: KeyDeclaration): Promise<void> {
  const text = policy && JSON.stringify(policy);
  const keyId = await keyIdOf(server, alias);
  if (keyId !== undefined) {
    if (text) await server.call("kms", "PutKeyPolicy", { KeyId: keyId, PolicyName: "default", Policy: text });
    return;
  }
  // Output of KMS's CreateKey, as the model has it.
  const made = (await server.call("kms", "CreateKey", text ? { Policy: text } : {})) as {
    KeyMetadata: { KeyId: string };
  };
  await server.call("kms", "CreateAlias", { AliasName: alias, TargetKeyId: made.KeyMetadata.KeyId });
}

/** PutKeyPolicy takes the id of a key, not its alias. */
async function keyIdOf(server: Server, alias: string): Promise<string | undefined> {
  try {
    // Output of KMS's DescribeKey, as the model has it.
    const found = (await server.call("kms", "DescribeKey", { KeyId: alias })) as { KeyMetadata: { KeyId: string } };
    return found.KeyMetadata.KeyId;
  } catch (error) {
    if (isServiceError(error) && error.code === "NotFoundException") return undefined;
    throw error;
  }
}
