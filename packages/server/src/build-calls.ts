import { randomUUID } from "node:crypto";
import { createAuthorize } from "./build-access.ts";
import { asCaller } from "./engine/providers/as-caller.ts";
import type { CallAsRole } from "./engine/providers/role-calls.ts";
import type { Caller } from "./identity/identity.ts";
import type { Parts } from "./parts.ts";
import type { ServiceName } from "./server.ts";
import { protocols } from "./wire/protocol/protocols.ts";
import { type AuthorizedCall, checkAccess, operationFor, type Service } from "./wire/service.ts";

/** Makes calls of services in the name of a role, with everything that a request of the role meets but its signature. */
export function createRoleCalls(
  parts: Parts,
  services: Readonly<Record<ServiceName, () => Promise<Service>>>,
): CallAsRole {
  const authorize = createAuthorize(parts);
  return async ({ roleArn, region, service: name, operation: operationName, input }) => {
    const service = await services[name]();
    const operation = operationFor(service, operationName, input);
    const now = parts.clock.now();
    const principal = asCaller(roleArn, String(now));
    const call: AuthorizedCall<Caller> = {
      ...{ requestId: randomUUID(), region, principal, now },
      authorize: (access) => authorize(principal, access),
    };
    await checkAccess(protocols[service.model.protocol], operation, input, service.context, call);
    return (await operation.run(input, service.context, call)) as Readonly<Record<string, unknown>>; // outputs are structures
  };
}
