import { ServiceError } from "./error.ts";
import type { Call, Operation } from "./operation.ts";
import type { Service } from "./service.ts";

/**
 * How many requests a service takes: so many at once, and so many more each second, for every operation, account and
 * region by itself.
 */
export interface RequestRate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Most pairs of operation and place whose requests are counted; beyond it the counts begin anew. */
const BUCKETS_COUNT_MAX = 10_000;

interface Bucket {
  tokens: number;
  /** Epoch milliseconds. */
  filledAt: number;
}

/**
 * The same service, which refuses what comes too fast. A request counts once it is known whose it is, and before it is
 * asked what they may do. Requests from inside the process do not count.
 *
 * Errors: `ThrottlingException`. Source: reference §1.2 for name and text.
 */
export function throttled<Shapes>(service: Service<Shapes>, { burst, perSecond }: RequestRate): Service<Shapes> {
  const buckets = new Map<string, Bucket>();

  function take(name: string, { principal, region, now }: Call): void {
    const key = `${name} ${principal.account} ${region}`;
    if (buckets.size >= BUCKETS_COUNT_MAX) buckets.clear();
    const { tokens, filledAt } = buckets.get(key) ?? { tokens: burst, filledAt: now };
    const filled = Math.min(burst, tokens + (Math.max(0, now - filledAt) * perSecond) / 1000);
    buckets.set(key, { tokens: filled < 1 ? filled : filled - 1, filledAt: now });
    if (filled < 1) throw new ServiceError("ThrottlingException", "Rate exceeded");
  }

  const operations = Object.entries(service.operations).map(([name, operation]) => {
    const counted: Operation<unknown, unknown, unknown> = {
      ...operation,
      access: (input, context, call) => {
        take(name, call);
        return operation.access?.(input, context, call) ?? [];
      },
    };
    return [name, counted] as const;
  });
  return { ...service, operations: Object.fromEntries(operations) };
}
