import { type OperationTable, service } from "../../wire/service.ts";
import type { Lambda } from "./context.ts";
import { createFunction } from "./create-function.ts";
import { deleteFunction } from "./delete-function.ts";
import { getFunction } from "./get-function.ts";
import { getFunctionConfiguration } from "./get-function-configuration.ts";
import { invoke } from "./invoke.ts";
import { listFunctions } from "./list-functions.ts";
import { listVersionsByFunction } from "./list-versions-by-function.ts";
import { model } from "./model.generated.ts";
import { publishVersion } from "./publish-version.ts";
import type { Operations } from "./shapes.generated.ts";
import { updateFunctionCode } from "./update-function-code.ts";
import { updateFunctionConfiguration } from "./update-function-configuration.ts";

/** Every operation of Lambda that is served, by name. */
export const operations: OperationTable<Lambda, Operations> = {
  CreateFunction: createFunction,
  GetFunction: getFunction,
  GetFunctionConfiguration: getFunctionConfiguration,
  UpdateFunctionCode: updateFunctionCode,
  UpdateFunctionConfiguration: updateFunctionConfiguration,
  DeleteFunction: deleteFunction,
  ListFunctions: listFunctions,
  Invoke: invoke,
  PublishVersion: publishVersion,
  ListVersionsByFunction: listVersionsByFunction,
};

/** Lambda, ready to be served. */
export const lambda = (context: Lambda) => service<Lambda, Operations>({ model, context, operations });
