/** Writes `schema/penstock.schema.json` anew: `node packages/cli/src/project/write-json-schema.ts`. */
import { writeFileSync } from "node:fs";
import { penstockJsonSchema } from "./json-schema.ts";

const file = new URL("../../schema/penstock.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(penstockJsonSchema(), null, 2)}\n`);
