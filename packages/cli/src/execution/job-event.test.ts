import { expect, test } from "vitest";
import { maskSecrets } from "./job-event.ts";

test("secrets of an event are masked, everything else stays", () => {
  const event = {
    "CodePipeline.job": {
      id: "1",
      data: {
        artifactCredentials: {
          accessKeyId: "ASIA",
          secretAccessKey: "s3cret",
          sessionToken: "t0ken",
          expirationTime: 1,
        },
        outputArtifacts: [{ revision: null }],
      },
    },
  };
  const masked = maskSecrets(event);
  expect(JSON.stringify(masked)).not.toMatch(/s3cret|t0ken/);
  expect(masked).toMatchObject({
    "CodePipeline.job": {
      id: "1",
      data: {
        artifactCredentials: { accessKeyId: "ASIA", secretAccessKey: "****", expirationTime: 1 },
        outputArtifacts: [{ revision: null }],
      },
    },
  });
  expect(event["CodePipeline.job"].data.artifactCredentials.secretAccessKey).toBe("s3cret");
});
