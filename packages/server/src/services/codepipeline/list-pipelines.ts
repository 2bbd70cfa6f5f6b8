import type { NormalisedDeclaration } from "@penstock/pipeline";
import { listPipelineRows } from "../../store/pipeline.ts";
import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { fromNextToken, PAGE_COUNT_DEFAULT, toNextToken, toPage } from "./page.ts";

/** Lists the pipelines of the caller's account and region by name. Errors: `InvalidNextTokenException`. */
export const listPipelines = served({
  name: "ListPipelines",
  access: () => onAnything("ListPipelines"),
  async run({ maxResults = PAGE_COUNT_DEFAULT, nextToken }, { store }, { principal, region }) {
    const after = fromNextToken("pipelines", nextToken, "");
    const params = { account: principal.account, region, after, limit: maxResults + 1 };
    const rows = await store.read.all(listPipelineRows, params);
    const { page, next } = toPage(rows, maxResults, ({ name }) => toNextToken("pipelines", name));
    return {
      pipelines: page.map(({ name, version, created_at, updated_at, declaration }) => {
        const { pipelineType, executionMode } = JSON.parse(declaration) as NormalisedDeclaration; // we wrote it
        return { name, version, pipelineType, executionMode, created: created_at, updated: updated_at };
      }),
      ...next,
    };
  },
});
