import type { FunctionHost, FunctionSpec } from "./host.ts";
import { concurrencyExceeded } from "./registry-errors.ts";

/**
 * Lets no more invocations of a function run at once than are reserved for it, over all its versions.
 *
 * One that is too many is refused at once, as in Lambda, with `TooManyRequestsException`; whoever has a queue asks again.
 */
export function withReservedConcurrency(host: FunctionHost): FunctionHost {
  /** By region and name. */
  const running = new Map<string, number>();
  const leave = (key: string) => {
    const left = (running.get(key) ?? 1) - 1;
    if (left > 0) running.set(key, left);
    else running.delete(key);
  };
  return {
    async invoke(spec, invocation) {
      const key = keyOf(spec);
      const count = running.get(key) ?? 0;
      if (spec.reservedConcurrency !== undefined && count >= spec.reservedConcurrency) throw concurrencyExceeded();
      running.set(key, count + 1);
      try {
        return await host.invoke(spec, invocation);
      } finally {
        leave(key);
      }
    },
    invocationOf: (accessKeyId) => host.invocationOf(accessKeyId),
    prestart: (spec) => host.prestart(spec),
    retire: (functionArn, keptRevisionId) => host.retire(functionArn, keptRevisionId),
    stop: () => host.stop(),
  };
}

const keyOf = ({ region, name }: FunctionSpec) => `${region}:${name}`;
