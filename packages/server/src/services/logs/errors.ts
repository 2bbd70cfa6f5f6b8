import { ServiceError } from "../../wire/error.ts";

/*
 * The errors of CloudWatch Logs. Texts as the service gives them unless marked.
 */

export const logGroupNotFound = () =>
  new ServiceError("ResourceNotFoundException", "The specified log group does not exist.");

export const logStreamNotFound = () =>
  new ServiceError("ResourceNotFoundException", "The specified log stream does not exist.");

export const logGroupExists = () =>
  new ServiceError("ResourceAlreadyExistsException", "The specified log group already exists");

export const logStreamExists = () =>
  new ServiceError("ResourceAlreadyExistsException", "The specified log stream already exists");

export const invalidParameter = (message: string) => new ServiceError("InvalidParameterException", message);

export const invalidNextToken = () => invalidParameter("The specified nextToken is invalid.");

/** Source: our choice of text. */
export const deletionProtected = (group: string) =>
  new ServiceError("ValidationException", `The log group ${group} is protected against deletion.`);

/** Source: our choice of text. */
export const tooManyTags = (countMax: number) =>
  new ServiceError("TooManyTagsException", `A resource can have no more than ${countMax} tags.`);
