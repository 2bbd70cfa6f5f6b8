/** A call of an AWS service in the name of a role, as an action makes it. */
export interface RoleCall {
  readonly roleArn: string;
  readonly region: string;
  readonly service: "s3" | "lambda";
  readonly operation: string;
  /** The API's input. */
  readonly input: object;
}

/**
 * Makes a call as the service itself would take it from a client of the role: the input is validated, policies of the
 * role, the resource and the key have their say.
 *
 * Errors: the service's `ServiceError`s.
 */
export type CallAsRole = (call: RoleCall) => Promise<Readonly<Record<string, unknown>>>;
