import { invalidParameter } from "../../functions/registry-errors.ts";
import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { latestTarget, onFunction, requireFunction } from "./find.ts";
import { toConfiguration } from "./function-configuration.ts";

/**
 * Keeps what `$LATEST` is now under a number of its own.
 *
 * Errors: `ResourceNotFoundException`; `PreconditionFailedException` and `InvalidParameterValueException` when
 * `$LATEST` is not what the caller takes it for. Source: Lambda API reference, PublishVersion.
 */
export const publishVersion = served({
  name: "PublishVersion",
  access: ({ FunctionName }, _, call) => onFunction("PublishVersion", FunctionName, call),
  async run({ FunctionName, CodeSha256, Description, RevisionId }, { registry }, call) {
    latestTarget(FunctionName, call);
    const latest = await requireFunction(registry, call, FunctionName);
    if (CodeSha256 !== undefined && CodeSha256 !== "" && CodeSha256 !== latest.codeSha256) throw otherCode(CodeSha256);
    // Under the revision that was looked at, so that the checksum still counts when it is published.
    const revisionId = RevisionId ?? (CodeSha256 ? latest.revisionId : undefined);
    const target = { ...homeOf(call), reference: latest.name, ...(revisionId !== undefined && { revisionId }) };
    return toConfiguration(await registry.publish(target, Description));
  },
});

const otherCode = (codeSha256: string) =>
  invalidParameter(
    `CodeSHA256 (${codeSha256}) is different from current CodeSHA256 in $LATEST. Please try again with the CodeSHA256 in $LATEST.`,
  );
