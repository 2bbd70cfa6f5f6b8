import { InvariantError, type ServiceError } from "./error.ts";
import type { ServiceModel } from "./model.ts";
import type { Call, Operation, Principal } from "./operation.ts";
import type { WireProtocol } from "./protocol/protocol.ts";
import { protocols } from "./protocol/protocols.ts";
import { findViolations } from "./validate.ts";

/** The `Operations` interface of a generated `shapes.generated.ts`. */
export type ShapesOf<Shapes> = { readonly [Name in keyof Shapes]: { readonly input: object; readonly output: object } };

/** One operation of a service, typed by its name: `C` is the service's context. */
export type OperationOf<C, Shapes extends ShapesOf<Shapes>, Name extends keyof Shapes> = Operation<
  C,
  Shapes[Name]["input"],
  Shapes[Name]["output"]
>;

/** The operations that a service serves, each under its own name. The rest of the model is answered as unknown. */
export type OperationTable<C, Shapes extends ShapesOf<Shapes>> = {
  readonly [Name in keyof Shapes]?: OperationOf<C, Shapes, Name>;
};

/** A service, ready to be served or called. Made by `service`. */
export interface Service<Shapes = unknown> {
  readonly model: ServiceModel;
  readonly context: unknown;
  readonly operations: Readonly<Record<string, Operation<unknown, unknown, unknown>>>;
  /** The region of a request whose signature names none, from the labels of its path. */
  regionOf?(labels: Readonly<Record<string, string>>): Promise<string>;
  /** Never set: carries the types of the operations for `invokeOperation`. */
  readonly types?: Shapes;
}

/**
 * Declares a service: its model, what it serves, and what its operations are handed.
 *
 * ```ts
 * // services/codepipeline/put-job-success-result.ts
 * export const putJobSuccessResult: OperationOf<CodePipeline, Operations, "PutJobSuccessResult"> = {
 *   name: "PutJobSuccessResult",
 *   access: () => [{ action: "codepipeline:PutJobSuccessResult", resource: "*" }],
 *   async run(input, { engine }, call) {
 *     await engine.send(input.jobId, call.now);
 *     return {};
 *   },
 * };
 *
 * // services/codepipeline/operations.ts
 * export const codePipeline = (context: CodePipeline) =>
 *   service<CodePipeline, Operations>({ model, context, operations: { PutJobSuccessResult: putJobSuccessResult } });
 *
 * // main.ts; the module is loaded on the service's first request
 * const wire = createWire({
 *   services: {
 *     codepipeline: async () => (await import("./services/codepipeline/operations.ts")).codePipeline(context),
 *   },
 *   …
 * });
 * server.on("request", wire).on("checkContinue", wire);
 * ```
 */
export function service<C, Shapes extends ShapesOf<Shapes>>(declared: {
  readonly model: ServiceModel;
  readonly context: C;
  readonly operations: OperationTable<C, Shapes>;
  regionOf?(labels: Readonly<Record<string, string>>): Promise<string>;
}): Service<Shapes> {
  const operations: Record<string, Operation<unknown, unknown, unknown>> = Object.create(null);
  for (const [name, one] of Object.entries(declared.operations)) {
    // Sound because inputs are made and checked by the model that the types come from, and the context is this one.
    const operation = one as Operation<unknown, unknown, unknown>;
    if (operation.name !== name) throw new InvariantError(`The operation ${operation.name} is declared as ${name}`);
    operations[name] = operation;
  }
  const { model, context, regionOf } = declared;
  return { model, context, operations, ...(regionOf && { regionOf }) };
}

/**
 * The door inside the process, which the command line uses: runs an operation without HTTP, signature and policy.
 *
 * The input is checked by the model. Throws what the operation throws, and `ServiceError` for a broken constraint or an
 * operation that is not served.
 */
export async function invokeOperation<Shapes extends ShapesOf<Shapes>, Name extends keyof Shapes & string>(
  service: Service<Shapes>,
  name: Name,
  input: Shapes[Name]["input"],
  call: Call<Principal>,
): Promise<Shapes[Name]["output"]> {
  const operation = operationFor(service, name, input);
  return (await operation.run(input, service.context, call)) as Shapes[Name]["output"]; // What `service` was given under this name.
}

/** An operation that is served, for an input that keeps the model's constraints. Throws `ServiceError` where it is neither. */
export function operationFor({ model, operations }: Service, name: string, input: object) {
  const operation = operations[name];
  if (!operation) throw protocols[model.protocol].unknownOperation(name);
  const problem = inputProblem(model, name, input);
  if (problem) throw problem;
  return operation;
}

/** A call of somebody whose rights are asked. */
export type AuthorizedCall<P extends Principal> = Call<P> & Required<Pick<Call<P>, "authorize">>;

/** Asks for every right that an operation needs. Throws the protocol's refusal for one that the caller lacks. */
export async function checkAccess<P extends Principal>(
  protocol: WireProtocol,
  operation: Operation<unknown, unknown, unknown>,
  input: unknown,
  context: unknown,
  call: AuthorizedCall<P>,
): Promise<void> {
  const needed = operation.access?.(input, context, call) ?? [];
  for (const access of Array.isArray(needed) ? needed : await needed) {
    const asked = call.authorize(access);
    const decision = asked instanceof Promise ? await asked : asked;
    if (!decision.allowed) throw protocol.denied(decision.message);
  }
}

/** What is wrong with an operation's input by the model's constraints, in the service's words; nothing if it is fine. */
export function inputProblem(model: ServiceModel, operation: string, input: unknown): ServiceError | undefined {
  const shape = model.operations[operation]?.input;
  const violations = shape ? findViolations(model, shape, input) : [];
  return violations.length > 0 ? protocols[model.protocol].invalid(model, violations) : undefined;
}
