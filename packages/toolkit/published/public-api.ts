/*
 * The public API, read from the declarations that are published: as a report that people review, and as a model with
 * the doc comments.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, type ExtractorLogLevel, type IConfigFile } from "@microsoft/api-extractor";

const TOOLKIT = fileURLToPath(new URL("../", import.meta.url));

/** What can be imported, each with its declarations in `dist`. */
export const ENTRIES = [
  { name: "toolkit", specifier: "@penstock/toolkit", declarations: "dist/esm/index.d.ts" },
  { name: "testing", specifier: "@penstock/toolkit/testing", declarations: "dist/esm/testing/testing.d.ts" },
] as const;

export type Entry = (typeof ENTRIES)[number];

export interface PublicApi {
  /** For `api/<name>.api.md`. */
  readonly report: string;
  /** What has no doc comment. */
  readonly complaints: readonly string[];
  /** API Extractor's model as JSON. */
  readonly model: string;
}

/** Reads the API of an entry. The library must be built. */
export function readApi({ name, declarations }: Entry): PublicApi {
  const scratch = mkdtempSync(join(tmpdir(), "penstock-api-"));
  try {
    const complaints: string[] = [];
    Extractor.invoke(prepared(name, declarations, scratch), {
      localBuild: true,
      messageCallback(message) {
        message.handled = true;
        if (message.messageId !== "ae-undocumented") return;
        complaints.push(`${message.sourceFilePath}:${message.sourceFileLine} ${message.text}`);
      },
    });
    const read = (file: string) => readFileSync(join(scratch, file), "utf8");
    return { report: read(`${name}.api.md`).replaceAll("\r\n", "\n"), complaints, model: read(`${name}.api.json`) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function prepared(name: string, declarations: string, scratch: string): ExtractorConfig {
  const configObject: IConfigFile = {
    projectFolder: TOOLKIT,
    mainEntryPointFilePath: join(TOOLKIT, declarations),
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          module: "nodenext",
          target: "es2022",
          lib: ["es2024"],
          types: ["node"],
          strict: true,
          skipLibCheck: true,
        },
        files: [join(TOOLKIT, declarations)],
      },
    },
    apiReport: {
      enabled: true,
      reportFolder: scratch,
      reportTempFolder: scratch,
      reportFileName: `${name}.api.md`,
      includeForgottenExports: name === "toolkit",
    },
    docModel: { enabled: true, apiJsonFilePath: join(scratch, `${name}.api.json`) },
    dtsRollup: { enabled: false },
    newlineKind: "lf",
    // The rest of what it could say is about tags that only its own generator of pages knows.
    messages: { extractorMessageReporting: { "ae-undocumented": { logLevel: "error" as ExtractorLogLevel } } },
  };
  return ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: join(TOOLKIT, "api-extractor.json"),
    packageJsonFullPath: join(TOOLKIT, "package.json"),
  });
}
