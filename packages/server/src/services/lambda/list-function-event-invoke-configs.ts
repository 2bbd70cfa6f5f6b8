import { served } from "./context.ts";
import { toEventInvokeConfig } from "./event-invoke-config.ts";
import { onFunction, targetOf } from "./find.ts";
import { markerOf, readMarker } from "./marker.ts";

/** Those on a page. Source: Lambda API reference, ListFunctionEventInvokeConfigs, `MaxItems`. */
const PAGE_COUNT_MAX = 50;

/** Lists those of a function, its versions and aliases. Errors: `ResourceNotFoundException`. Source: as above. */
export const listFunctionEventInvokeConfigs = served({
  name: "ListFunctionEventInvokeConfigs",
  access: ({ FunctionName }, _, call) => onFunction("ListFunctionEventInvokeConfigs", FunctionName, call),
  async run({ FunctionName, Marker, MaxItems = PAGE_COUNT_MAX }, { invokeConfigs }, call) {
    const page = { ...readMarker(Marker), limit: Math.min(MaxItems, PAGE_COUNT_MAX) };
    const { configs, next } = await invokeConfigs.list(targetOf(FunctionName, call), page);
    return { FunctionEventInvokeConfigs: configs.map(toEventInvokeConfig), ...markerOf(next) };
  },
});
