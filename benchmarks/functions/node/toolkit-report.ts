/** Reports success with the toolkit. */
import { defineJob } from "../../../packages/toolkit/src/index.ts";

export const handler = defineJob({ run() {} });
