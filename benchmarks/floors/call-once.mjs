/** The handler of a module, called once: `node call-once.mjs <module>`. A cold start of it, from process to report. */
import { pathToFileURL } from "node:url";

const event = {
  "CodePipeline.job": {
    id: "11111111-2222-3333-4444-555555555555",
    accountId: "000000000000",
    data: {
      actionConfiguration: { configuration: { FunctionName: "measured" } },
      inputArtifacts: [],
      outputArtifacts: [],
      artifactCredentials: {
        accessKeyId: "ASIAMEASURED",
        secretAccessKey: "secret",
        sessionToken: "token",
        expirationTime: Date.now() + 900_000,
      },
    },
  },
};
const { handler } = await import(pathToFileURL(process.argv[2]).href);
await handler(event, { getRemainingTimeInMillis: () => 30_000 });
