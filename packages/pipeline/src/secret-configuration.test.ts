import { expect, test } from "vitest";
import { normaliseDefinition, type PipelineDeclaration } from "./definition.ts";
import { hideSecretsOfAll, keepSecrets } from "./secret-configuration.ts";

function declaration(token: string, action = "Fetch"): PipelineDeclaration {
  return {
    name: "p",
    roleArn: "arn:aws:iam::000000000000:role/p",
    artifactStore: { type: "S3", location: "artifacts" },
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: action,
            actionTypeId: { category: "Source", owner: "ThirdParty", provider: "GitHub", version: "1" },
            configuration: { Owner: "o", Repo: "r", Branch: "b", OAuthToken: token },
          },
          { name: "Bare", actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" } },
        ],
      },
    ],
  };
}

const tokenIn = ({ stages }: PipelineDeclaration) => stages[0]?.actions[0]?.configuration?.["OAuthToken"];

test("secrets are hidden, all else is as it was, and what has no configuration gets none", () => {
  const shown = hideSecretsOfAll(declaration("hunter2"));
  expect(shown).toEqual(declaration("****"));
  expect(shown.stages[0]?.actions[1]).not.toHaveProperty("configuration");
});

test("a secret that comes back as it was shown is the stored one; any other is taken", () => {
  const before = normaliseDefinition(declaration("hunter2"));
  expect(tokenIn(keepSecrets(declaration("****"), before))).toBe("hunter2");
  expect(tokenIn(keepSecrets(declaration("hunter3"), before))).toBe("hunter3");
});

test("an action that was not there before has no secret to keep", () => {
  const before = normaliseDefinition(declaration("hunter2"));
  expect(tokenIn(keepSecrets(declaration("****", "Other"), before))).toBe("****");
});
