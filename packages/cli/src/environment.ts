import { inputWrong } from "./failure.ts";
import { nearest } from "./nearest.ts";
import type { Accounts } from "./server-port.ts";

/** Every environment variable that Penstock reads. Flags win over them, and they win over `penstock.yaml`. */
export const ENVIRONMENT = {
  PENSTOCK_DATA: "data directory, as serve --data",
  PENSTOCK_HOST: "address to listen on, as serve --host",
  PENSTOCK_PORT: "port to listen on, as serve --port",
  PENSTOCK_TIMING: "fast or aws, as --timing",
  PENSTOCK_ROOT_ACCESS_KEY_ID: "access key of the account's root, instead of `test`",
  PENSTOCK_ROOT_SECRET_ACCESS_KEY: "its secret",
  PENSTOCK_ACCOUNTS: "further accounts with the keys of their roots, as `id=access-key:secret`, with spaces between",
  PENSTOCK_MASTER_KEY: "key under which secrets and objects are encrypted, instead of the one beside the data",
  PENSTOCK_PYTHON: "Python interpreter for functions",
  PENSTOCK_DEBUG: "with 1, failures show where they come from",
} as const;

/**
 * Refuses a misspelt variable: a setting that is silently not read costs more than an error.
 * Throws a `Failure` (exit status 2).
 */
export function checkEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  for (const name in environment) {
    if (!name.startsWith("PENSTOCK_") || Object.hasOwn(ENVIRONMENT, name)) continue;
    const near = nearest(name, Object.keys(ENVIRONMENT));
    throw inputWrong(
      `the environment has ${name}, which Penstock does not know`,
      near
        ? `Did you mean ${near}? Else unset ${name}.`
        : `Unset ${name}. Known: ${Object.keys(ENVIRONMENT).join(", ")}.`,
    );
  }
}

/** The root's keys from the environment; absent when neither is set. Throws a `Failure` when one is missing. */
export function rootKeys(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined {
  const accessKeyId = environment["PENSTOCK_ROOT_ACCESS_KEY_ID"];
  const secretAccessKey = environment["PENSTOCK_ROOT_SECRET_ACCESS_KEY"];
  if (!accessKeyId && !secretAccessKey) return undefined;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  throw inputWrong(
    "only one of PENSTOCK_ROOT_ACCESS_KEY_ID and PENSTOCK_ROOT_SECRET_ACCESS_KEY is set",
    "Set both, or neither to use the key test / test on loopback.",
  );
}

const ACCOUNT_ENTRY = /^(?<id>\d{12})=(?<accessKeyId>[^:=\s]+):(?<secretAccessKey>\S+)$/;

/**
 * Further accounts: those of `penstock.yaml`, and over them those of the environment. Throws a `Failure` (exit status 2)
 * for an entry that is none; what it says is not shown, because it may be a secret.
 */
export function accountsOf(
  declared: Accounts | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Accounts {
  const entries = environment["PENSTOCK_ACCOUNTS"]?.split(/\s+/).filter((entry) => entry !== "") ?? [];
  const given = entries.map((entry, index) => {
    const { id, accessKeyId, secretAccessKey } = ACCOUNT_ENTRY.exec(entry)?.groups ?? {};
    if (id && accessKeyId && secretAccessKey) return [id, { accessKeyId, secretAccessKey }] as const;
    throw inputWrong(
      `entry ${index + 1} of PENSTOCK_ACCOUNTS is not of an account`,
      "Write each as twelve digits, =, an access key, : and its secret, with spaces between.",
    );
  });
  return { ...declared, ...Object.fromEntries(given) };
}
