import { deleteActionExecutions } from "../../store/action-execution.ts";
import { deleteExecutions, deleteStageExecutions } from "../../store/execution.ts";
import { deletePipelineRow, deletePipelineStates, deletePipelineVersions } from "../../store/pipeline.ts";
import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { placeOf } from "./find.ts";

/**
 * Deletes a pipeline with its history. What runs of it is not waited for and moves nothing any more; its
 * jobs stay on record, so that a repeated result is answered as before. Deleting what is not there is fine.
 *
 * Source: reference §2, §3.3.
 */
export const deletePipeline = served({
  name: "DeletePipeline",
  access: ({ name }, _, call) => onPipeline("DeletePipeline", name, call),
  async run({ name }, { engine, declarations }, call) {
    const { arn } = placeOf(name, call);
    await engine.commit("deletePipeline", async (tx) => {
      await tx.run(deletePipelineRow, { arn });
      await tx.run(deletePipelineVersions, { arn });
      await tx.run(deletePipelineStates, { from: arn, to: `${arn}0` }); // "0" comes right after "/"
      await tx.run(deleteExecutions, { pipeline: arn });
      await tx.run(deleteStageExecutions, { pipeline: arn });
      await tx.run(deleteActionExecutions, { pipeline: arn });
    });
    declarations.forget(arn);
    return {};
  },
});
