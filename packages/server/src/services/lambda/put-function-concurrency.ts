import { invalidParameter } from "../../functions/registry-errors.ts";
import { served } from "./context.ts";
import { onFunction, wholeTarget } from "./find.ts";

/** What an account has, and what of it cannot be reserved. Source: Lambda developer guide, "Lambda quotas". */
const ACCOUNT_CONCURRENCY = 1000;
const UNRESERVED_CONCURRENCY_MIN = 100;

/**
 * Lets no more than so many calls of a function run at once; 0 lets none.
 *
 * Errors: `ResourceNotFoundException`; `InvalidParameterValueException` for more than an account has, and for a version
 * or an alias. Source: Lambda API reference, PutFunctionConcurrency. What other functions reserve is not counted.
 */
export const putFunctionConcurrency = served({
  name: "PutFunctionConcurrency",
  access: ({ FunctionName }, _, call) => onFunction("PutFunctionConcurrency", FunctionName, call),
  async run({ FunctionName, ReservedConcurrentExecutions }, { registry }, call) {
    const target = wholeTarget(FunctionName, call);
    if (ReservedConcurrentExecutions > ACCOUNT_CONCURRENCY - UNRESERVED_CONCURRENCY_MIN) throw tooMuch();
    await registry.reserve(target, ReservedConcurrentExecutions);
    return { ReservedConcurrentExecutions };
  },
});

const tooMuch = () =>
  invalidParameter(
    `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_CONCURRENCY_MIN}].`,
  );
