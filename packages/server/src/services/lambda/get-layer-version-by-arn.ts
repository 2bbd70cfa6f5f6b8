import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { toLayerVersion } from "./layer-version.ts";

/** The same by one ARN. Errors: `ResourceNotFoundException`. Source: Lambda API reference, GetLayerVersionByArn. */
export const getLayerVersionByArn = served({
  name: "GetLayerVersionByArn",
  access: ({ Arn }) => [{ action: "lambda:GetLayerVersion", resource: Arn }],
  async run({ Arn }, { layers }, call) {
    const end = Arn.lastIndexOf(":");
    const version = Number(Arn.slice(end + 1));
    return toLayerVersion(await layers.get({ ...homeOf(call), reference: Arn.slice(0, end), version }));
  },
});
