import { type OperationTable, service } from "../../wire/service.ts";
import { addPermission } from "./add-permission.ts";
import type { Lambda } from "./context.ts";
import { createAlias } from "./create-alias.ts";
import { createFunction } from "./create-function.ts";
import { deleteAlias } from "./delete-alias.ts";
import { deleteFunction } from "./delete-function.ts";
import { deleteFunctionConcurrency } from "./delete-function-concurrency.ts";
import { deleteFunctionEventInvokeConfig } from "./delete-function-event-invoke-config.ts";
import { deleteLayerVersion } from "./delete-layer-version.ts";
import { getAlias } from "./get-alias.ts";
import { getFunction } from "./get-function.ts";
import { getFunctionConcurrency } from "./get-function-concurrency.ts";
import { getFunctionConfiguration } from "./get-function-configuration.ts";
import { getFunctionEventInvokeConfig } from "./get-function-event-invoke-config.ts";
import { getLayerVersion } from "./get-layer-version.ts";
import { getLayerVersionByArn } from "./get-layer-version-by-arn.ts";
import { getPolicy } from "./get-policy.ts";
import { invoke } from "./invoke.ts";
import { listAliases } from "./list-aliases.ts";
import { listFunctionEventInvokeConfigs } from "./list-function-event-invoke-configs.ts";
import { listFunctions } from "./list-functions.ts";
import { listLayerVersions } from "./list-layer-versions.ts";
import { listLayers } from "./list-layers.ts";
import { listTags } from "./list-tags.ts";
import { listVersionsByFunction } from "./list-versions-by-function.ts";
import { model } from "./model.generated.ts";
import { publishLayerVersion } from "./publish-layer-version.ts";
import { publishVersion } from "./publish-version.ts";
import { putFunctionConcurrency } from "./put-function-concurrency.ts";
import { putFunctionEventInvokeConfig } from "./put-function-event-invoke-config.ts";
import { removePermission } from "./remove-permission.ts";
import type { Operations } from "./shapes.generated.ts";
import { tagResource } from "./tag-resource.ts";
import { untagResource } from "./untag-resource.ts";
import { updateAlias } from "./update-alias.ts";
import { updateFunctionCode } from "./update-function-code.ts";
import { updateFunctionConfiguration } from "./update-function-configuration.ts";
import { updateFunctionEventInvokeConfig } from "./update-function-event-invoke-config.ts";

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
  CreateAlias: createAlias,
  GetAlias: getAlias,
  UpdateAlias: updateAlias,
  DeleteAlias: deleteAlias,
  ListAliases: listAliases,
  AddPermission: addPermission,
  RemovePermission: removePermission,
  GetPolicy: getPolicy,
  PutFunctionEventInvokeConfig: putFunctionEventInvokeConfig,
  UpdateFunctionEventInvokeConfig: updateFunctionEventInvokeConfig,
  GetFunctionEventInvokeConfig: getFunctionEventInvokeConfig,
  DeleteFunctionEventInvokeConfig: deleteFunctionEventInvokeConfig,
  ListFunctionEventInvokeConfigs: listFunctionEventInvokeConfigs,
  PutFunctionConcurrency: putFunctionConcurrency,
  GetFunctionConcurrency: getFunctionConcurrency,
  DeleteFunctionConcurrency: deleteFunctionConcurrency,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTags: listTags,
  PublishLayerVersion: publishLayerVersion,
  GetLayerVersion: getLayerVersion,
  GetLayerVersionByArn: getLayerVersionByArn,
  DeleteLayerVersion: deleteLayerVersion,
  ListLayers: listLayers,
  ListLayerVersions: listLayerVersions,
};

/** Lambda, ready to be served. */
export const lambda = (context: Lambda) => service<Lambda, Operations>({ model, context, operations });
