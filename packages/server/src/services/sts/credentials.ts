import type { SessionCredentials } from "../../identity/identity.ts";
import type { Credentials } from "./shapes.generated.ts";

/** Credentials as STS shows them. */
export function toCredentials(session: SessionCredentials): Credentials {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: session.expiresAt,
  };
}
