/** The floor of a one-shot run in Node: the same imports and the same call, and nothing of ours. */
import { handler } from "../functions/node/report.mjs";

await handler({ "CodePipeline.job": { id: "11111111-2222-3333-4444-555555555555" } });
