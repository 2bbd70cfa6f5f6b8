import { randomUUID } from "node:crypto";
import { createAuthorize } from "./build-access.ts";
import { asCaller } from "./engine/providers/as-caller.ts";
import type { CallAsRole } from "./engine/providers/role-calls.ts";
import type { Caller } from "./identity/identity.ts";
import type { Parts } from "./parts.ts";
import type { ServiceName } from "./server.ts";
import type { Access, Call } from "./wire/operation.ts";
import { protocols } from "./wire/protocol/protocols.ts";
import { inputProblem, type Service } from "./wire/service.ts";

/** Makes calls of services in the name of a role, with everything that a request of the role meets but its signature. */
export function createRoleCalls(
  parts: Parts,
  services: Readonly<Record<ServiceName, () => Promise<Service>>>,
): CallAsRole {
  const authorize = createAuthorize(parts);
  return async ({ roleArn, region, service: name, operation: operationName, input }) => {
    const { model, context, operations } = await services[name]();
    const protocol = protocols[model.protocol];
    const operation = operations[operationName];
    if (!operation) throw protocol.unknownOperation(operationName);
    const problem = inputProblem(model, operationName, input);
    if (problem) throw problem;
    const now = parts.clock.now();
    const principal = asCaller(roleArn, String(now));
    const authorizeOne = (access: Access) => authorize(principal, access);
    const call: Call<Caller> = { requestId: randomUUID(), region, principal, now, authorize: authorizeOne };
    for (const access of (await operation.access?.(input, context, call)) ?? []) {
      const decision = await authorizeOne(access);
      if (!decision.allowed) throw protocol.denied(decision.message);
    }
    return (await operation.run(input, context, call)) as Readonly<Record<string, unknown>>; // outputs are structures
  };
}
