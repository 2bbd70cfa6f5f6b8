import { notAuthorized } from "../../identity/denied-message.ts";
import { ServiceError } from "../../wire/error.ts";

/*
 * STS's errors. A role that is not there is answered like one that trusts somebody else, so that nobody
 * can try out names.
 */

/** Source: text as the service gives it, without a reason at its end. */
export const mayNotAssume = (arn: string, roleArn: string) =>
  new ServiceError("AccessDenied", notAuthorized({ arn, action: "sts:AssumeRole", resource: roleArn }), 403);

export const malformedPolicy = (problem: string) => new ServiceError("MalformedPolicyDocument", problem);

export const invalid = (message: string) => new ServiceError("ValidationError", message);

/** Source: IAM user guide, "Role chaining". */
export const chainedTooLong = () =>
  invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");

export const longerThanRoleAllows = () =>
  invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");

export const onlyForRoot = () =>
  new ServiceError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
