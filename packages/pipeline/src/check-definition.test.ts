import { describe, expect, test } from "vitest";
import type { ActionType } from "./action-types.ts";
import { findActionType } from "./action-types.ts";
import { checkDefinition, checkDefinitionAll } from "./check-definition.ts";
import type { ActionDeclaration, ActionTypeId, PipelineDeclaration, StageDeclaration } from "./definition.ts";
import { DEFINITION_PROBLEMS_COUNT_MAX } from "./limits.ts";

const here = { region: "us-east-1" };

describe("structure", () => {
  test("a pipeline of a source and an invoke stage is fine", () => {
    expect(checkDefinition(pipeline("S(Fetch:S3>App) B(Run:Lambda<App>Zip)"), here)).toBeUndefined();
  });

  test("stages and actions are neither too few nor too many, and source actions stand first and alone", () => {
    holds(`
      S(Fetch:S3>App)                               | Structure: Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline
      S(Run:Lambda) B(Say:Manual)                   | Structure: Pipeline should start with a stage that only contains source actions
      S(Fetch:S3>A, Run:Lambda) B(Say:Manual)       | Structure: Pipeline should start with a stage that only contains source actions
      S(Fetch:S3>A) B(Say:Manual, More:S3>B)        | Structure: Source actions can only be included in the first stage of the pipeline
      S(Fetch:S3>A) B(More:S3>B)                    | Structure: Source actions can only be included in the first stage of the pipeline
      S(Fetch:S3>A) B()                             | Stage: Stage 'B' has no actions. There should be a minimum of 1 action in a stage
      S(Fetch:S3>A) B(Say:Manual) B(Run:Lambda)     | Stage: Stage name 'B' is used more than once
      S(Fetch:S3>A) B(Say:Manual, Say:Lambda)       | Action: Action name 'Say' is used more than once in stage 'B'
      S(Fetch:S3>A) B(Say:Manual) C(Say:Manual)     |
      V2 $a $b $a S(Fetch:S3>A) B(Say:Manual)       | Structure: Variable names must be unique. The following variable name is already in use: a
    `);
  });

  test("a pipeline that only has source actions is told so, after the rule on where they stand", () => {
    const problems = checkDefinitionAll(pipeline("S(Fetch:S3>A) B(More:S3>B)"), here).map((problem) => problem.message);
    expect(problems).toContain("Pipeline should contain at least 1 action whose category is not Source");
  });

  test("50 stages, 50 actions a stage and 500 actions a pipeline are the most", () => {
    expect(checkDefinition(pipeline(`S(F:S3>A) ${stages(49, 1)}`), here)).toBeUndefined();
    expect(checkDefinition(pipeline(`S(F:S3>A) ${stages(50, 1)}`), here)?.message).toBe(
      "Pipeline has too many stages. There can only be up to 50 stages in a pipeline",
    );
    expect(checkDefinition(pipeline(`S(F:S3>A) ${stages(1, 50)}`), here)).toBeUndefined();
    expect(checkDefinition(pipeline(`S(F:S3>A) ${stages(1, 51)}`), here)?.code).toBe(
      "InvalidStageDeclarationException",
    );
    expect(checkDefinition(pipeline(`S(F:S3>A) ${stages(10, 50)}`), here)?.message).toMatch(
      /^Pipeline has 501 actions/,
    );
  });

  test("no stages at all and no actions at all are problems, not crashes", () => {
    expect(checkDefinition({ ...pipeline("S(F:S3>A)"), stages: [] }, here)?.message).toMatch(/^Pipeline has only 0/);
    expect(checkDefinitionAll(pipeline("S() B()"), here)[0]?.message).toMatch(/^Stage 'S' has no actions/);
  });

  test("a blocker's name is unique in its stage", () => {
    const blocker = { name: "Night", type: "Schedule" } as const;
    expect(checkDefinition(withGate({ blockers: [blocker] }), here)).toBeUndefined();
    expect(checkDefinition(withGate({ blockers: [blocker, blocker] }), here)?.code).toBe(
      "InvalidBlockerDeclarationException",
    );
  });
});

describe("what needs V2", () => {
  test("a pipeline is V1 by default, and each feature of V2 is refused in its own words", () => {
    holds(`
      QUEUED S(F:S3>A) B(Say:Manual)                | Structure: QUEUED or PARALLEL mode can only be used with V2 pipelines
      V1 PARALLEL S(F:S3>A) B(Say:Manual)           | Structure: QUEUED or PARALLEL mode can only be used with V2 pipelines
      V1 SUPERSEDED S(F:S3>A) B(Say:Manual)         |
      V2 QUEUED S(F:S3>A) B(Say:Manual)             |
      $a S(F:S3>A) B(Say:Manual)                    | Structure: Pipeline variable can only be used with V2 pipelines
      V2 $a S(F:S3>A) B(Say:Manual)                 |
      S(F:S3>A) B(Run:Commands<A)                   | Action: Commands Action can only be used with V2 pipelines.
      S(F:S3>A) B(Run:ECRBuildAndPublish<A)         | Action: ECRBuildAndPublish Action can only be used with V2 pipelines.
      S(F:S3>A) B(Run:EKS<A)                        | Action: EKS Action can only be used with V2 pipelines.
      V2 S(F:S3>A) B(Run:Commands<A)                |
    `);
  });

  test("conditions and triggers need V2; empty lists do not", () => {
    const stage: Partial<StageDeclaration> = { onFailure: { result: "RETRY" } };
    expect(checkDefinition({ ...withGate(stage), pipelineType: "V1" }, here)?.message).toBe(
      "Stage level conditions can only be used with V2 pipelines.",
    );
    const v1 = pipeline("S(Fetch:Connection>A) B(Say:Manual)");
    expect(checkDefinition({ ...v1, triggers: [trigger({})] }, here)?.message).toBe(
      "Triggers on tag can only be used with V2 pipelines",
    );
    expect(checkDefinition({ ...v1, triggers: [], variables: [] }, here)).toBeUndefined();
  });
});

describe("actions", () => {
  test("action types, artifact counts, regions and configuration keys are the provider's", () => {
    holds(`
      S(F:S3>A) B(Run:Nope)                         | Action: ActionType (Category: 'Build', Provider: 'Nope', Owner: 'AWS', Version: '1') in action 'Run' is not available in region 'US_EAST_1'
      S(F:S3) B(Say:Manual)                         | Action: Action F declares 0 output artifacts which is less than the minimum count (1)
      S(F:S3>A) B(Say:Manual<A)                     | Action: Action Say declares 1 input artifacts which is more than the maximum count (0)
      S(F:S3>A) B(Go:CodeBuild)                     | Action: Action Go declares 0 input artifacts which is less than the minimum count (1)
      S(F:S3>A) B(Go:Lambda>O1>O2>O3>O4>O5)         |
      S(F:S3>A) B(Go:Lambda>O1>O2>O3>O4>O5>O6)      | Action: Action Go declares 6 output artifacts which is more than the maximum count (5)
      S(F:S3>A) B(Go:Lambda-FunctionName)           | Action: Action configuration for action 'Go' is missing required configuration 'FunctionName'
      S(F:S3>A) B(Go:Lambda+Unknown=x)              | Action: Action configuration for action 'Go' contains unknown configuration 'Unknown'
      S(F:S3>A) B(Go:Lambda+constructor=x)          | Action: Action configuration for action 'Go' contains unknown configuration 'constructor'
      S(F:S3>A) B(Go:Lambda+UserParameters=x)       |
      S(F:S3-S3ObjectKey>A) B(Say:Manual)           | Action: Action configuration for action 'F' is missing required configuration 'S3ObjectKey'
      S(F:S3>A) B(Go:CloudFormation-ActionMode)     | Action: Action configuration for action 'Go' is missing required configuration 'ActionMode'
      S(F:S3>A, G:S3>B) B(Go:CodeBuild<A<B)         | Action: Action configuration for action 'Go' is missing required configuration 'PrimarySource'
      S(F:S3>A, G:S3>B) B(Go:CodeBuild<A<B+PrimarySource=A) |
      S(F:S3>A) B(Go:Custom+Anything=x)             |
      S(F:S3>A) B(Go:EC2<A)                         | Action: EC2 Action can only be used with V2 pipelines.
      S(F:S3=eu-west-1>A) B(Say:Manual)             | Validation: Your pipeline must have an artifact store, such as an artifact bucket, for each region where you have an action. The following region is missing in 'pipeline.artifactStores': eu-west-1.
    `);
  });

  test("an approval's topic is an SNS topic in the pipeline's region", () => {
    const approving = (arn: string) =>
      checkDefinition(pipeline(`S(F:S3>A) B(Say:Manual+NotificationArn=${arn})`), here);
    expect(approving("arn:aws:sns:us-east-1:000000000000:topic")).toBeUndefined();
    expect(approving("#{codepipeline.PipelineExecutionId}")).toBeUndefined();
    expect(approving("topic")).toEqual({
      code: "InvalidActionDeclarationException",
      message:
        "The ARN topic you specified for sending notifications for the approval action Say contains a format error.",
    });
    expect(approving("arn:aws:sqs:us-east-1:000000000000:q")?.message).toMatch(/of the service sqs.*SNS topic\.$/);
    expect(approving("arn:aws:sns:eu-west-1:000000000000:t")?.message).toMatch(/region eu-west-1.*us-east-1\.$/);
  });

  test("commands, and files of an output, are for the Commands provider, which needs the former", () => {
    const message = /^The following action cannot contain a commands field: Run\./;
    expect(checkDefinition(withAction("Lambda", { commands: ["ls"] }), here)?.message).toMatch(message);
    const outputArtifacts = [{ name: "O", files: ["a"] }];
    expect(checkDefinition(withAction("Lambda", { outputArtifacts }), here)?.message).toMatch(message);
    expect(checkDefinition(withAction("Commands", { outputArtifacts }), here)).toBeUndefined();
    const bare = pipeline("V2 S(F:S3>A) B(Run:Commands<A)", { bareCommands: true });
    expect(checkDefinition(bare, here)?.message).toMatch(/^Action 'Run' has no commands/);
  });

  test("custom types are all taken, unless those that are registered are told", () => {
    const declared = pipeline("S(F:S3>A) B(Go:Custom<A+Color=red)");
    const registered: ActionType = {
      id: { category: "Build", owner: "Custom", provider: "Custom", version: "1" },
      inputs: [0, 0],
      outputs: [0, 0],
      required: [],
      optional: [],
      refusesUnknownKeys: true,
    };
    expect(checkDefinition(declared, here)).toBeUndefined();
    expect(checkDefinition(declared, { ...here, registered: [] })?.message).toMatch(
      /^ActionType \(Category: 'Build', Provider: 'Custom', Owner: 'Custom', Version: '1'\)/,
    );
    expect(checkDefinitionAll(declared, { ...here, registered: [registered] })).toHaveLength(2);
  });
});

describe("artifact stores and regions", () => {
  const store = { type: "S3", location: "bucket" } as const;
  const base = pipeline("S(F:S3>A) B(Run:Lambda=eu-west-1)");
  const { artifactStore: _, ...bare } = base;

  test("there is a store for the pipeline's region and for each region of an action", () => {
    const check = (...regions: string[]) =>
      checkDefinition({ ...bare, artifactStores: Object.fromEntries(regions.map((name) => [name, store])) }, here);
    expect(check("us-east-1", "eu-west-1")).toBeUndefined();
    expect(check("eu-west-1")?.message).toMatch(/missing in 'pipeline.artifactStores': us-east-1\.$/);
    expect(check("us-east-1")?.message).toMatch(/missing in 'pipeline.artifactStores': eu-west-1\.$/);
    expect(check("us-east-1", "eu-west-1", "moon")).toEqual({
      code: "ValidationException",
      message: "The region moon specified in 'pipeline.artifactStores' is not a valid AWS Region.",
    });
  });

  test("there is exactly one of artifactStore and artifactStores", () => {
    expect(checkDefinition(bare, here)?.message).toMatch(/^Pipeline has no artifact store\./);
    expect(checkDefinition({ ...base, artifactStores: { "us-east-1": store } }, here)?.message).toMatch(
      /^Pipeline has both/,
    );
  });

  test("source, third-party and custom actions stay in the pipeline's region", () => {
    const artifactStores = { "us-east-1": store, "eu-west-1": store };
    for (const line of ["S(F:S3=eu-west-1>A) B(Run:Lambda)", "S(F:S3>A) B(Run:Custom=eu-west-1)"]) {
      const { artifactStore: _, ...declared } = pipeline(line);
      expect(checkDefinition({ ...declared, artifactStores }, here)?.message).toMatch(
        /names the region 'eu-west-1', but/,
      );
    }
  });
});

test("an input artifact is an output of an action that runs before, and outputs are unique", () => {
  holds(`
    S(F:S3>A) B(Run:Lambda<Nope)                  | Structure: Input artifact 'Nope' of action 'Run' in stage 'B' is not an output artifact of any action. …
    S(F:S3>A) B(One:Lambda>Z, Two:Lambda<Z)       | Structure: Input artifact 'Z' of action 'Two' in stage 'B' is an output artifact of action 'One' in stage 'B', which does not run before it. …
    S(F:S3>A) B(One:Lambda>Z, Two:Lambda@2<Z)     |
    S(F:S3>A) B(Two:Lambda@2<Z, One:Lambda>Z)     |
    S(F:S3>A) B(One:Lambda@2<Z) C(Two:Lambda>Z)   | Structure: Input artifact 'Z' of action 'One' in stage 'B' is an output artifact of action 'Two' in stage 'C', which does not run before it. …
    S(F:S3>A) B(One:Lambda<Z>Z)                   | Structure: Input artifact 'Z' of action 'One' in stage 'B' is an output artifact of action 'One' in stage 'B', which does not run before it. …
    S(F:S3>A) B(One:Lambda@9>Z) C(Two:Lambda<Z)   |
    S(F:S3>A) B(One:Lambda>A)                     | Structure: Output Artifact Bundle name must be unique within the pipeline. A has been used more than once.
  `);
});

test("namespaces are unique, no artifact's name, and not the service's own", () => {
  holds(`
    S(F:S3!n>A) B(Run:Lambda!n)                   | Action: Namespaces must be unique across the pipeline definition. The following occur more than once in the pipeline. StageName=[B], ActionName=[Run], Namespace=[n]
    S(F:S3!A>A) B(Run:Lambda)                     | Action: The namespace 'A' of action 'F' in stage 'S' is the name of an output artifact. Choose another name for it
    S(F:S3!codepipeline>A) B(Run:Lambda)          | Action: The namespace 'codepipeline' of action 'F' in stage 'S' is reserved for the service. Choose another name for it
    S(F:S3!variables>A) B(Run:Lambda)             |
    V2 $a S(F:S3!variables>A) B(Run:Lambda)       | Action: The namespace 'variables' of action 'F' in stage 'S' is reserved for the service. Choose another name for it
  `);
});

test("a reference is to a variable that is known before its action starts", () => {
  const unknown =
    "Action: Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following pipeline execution variables are referencing a namespace that does not exist.\\nStageName=[B], ActionName=[Run], ActionConfigurationKey=[UserParameters]";
  holds(`
    S(F:S3!src>A) B(Run:Lambda+UserParameters=#{src.ETag})               |
    S(F:S3!src>A) B(Run:Lambda+UserParameters=#{Src.ETag})               | ${unknown}, VariableReferenceText=[Src.ETag]
    S(F:S3!src>A) B(Run:Lambda+UserParameters=a#{src.ETag}b#{no.x})      | ${unknown}, VariableReferenceText=[no.x]
    S(F:S3>A) B(Run:Lambda+UserParameters=#{variables.x})                | ${unknown}, VariableReferenceText=[variables.x]
    S(F:S3>A) B(Run:Lambda+UserParameters=#{rule.r.x})                   | ${unknown}, VariableReferenceText=[rule.r.x]
    S(F:S3>A) B(Run:Lambda+UserParameters=#{plain})                      | Action: Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following pipeline execution variables do not have this format.…
    S(F:S3>A) B(Run:Lambda+UserParameters=#{})                           | Action: Valid format …
    S(F:S3>A) B(Run:Lambda+UserParameters=#{code[0]})                    |
    S(F:S3>A) B(Run:Lambda+UserParameters=#{codepipeline.PipelineExecutionId}) |
    S(F:S3>A) B(Run:Lambda+UserParameters=#{codepipeline.Name})          | Action: The namespace codepipeline has only the variable PipelineExecutionId. …
    S(F:S3>A) B(Run:Lambda!me+UserParameters=#{me.x})                    | Action: Variables of an action can only be used in later stages or by actions with a higher run order. …
    S(F:S3>A) B(Run:Lambda+UserParameters=#{p.x}, Par:Lambda!p)          | Action: Variables of an action can only be used in later stages …
    S(F:S3>A) B(Run:Lambda@2+UserParameters=#{p.x}, Par:Lambda!p)        |
    S(F:S3>A) B(Run:Lambda@2+UserParameters=#{p.x}) C(Par:Lambda!p)      | Action: Variables of an action can only be used in later stages …
    V2 $a S(F:S3>A) B(Run:Lambda+UserParameters=#{variables.a})          |
    V2 $a S(F:S3>A) B(Run:Lambda+UserParameters=#{variables.b})          | Structure: The referenced variables haven't been declared. The pipeline declares a.…
    V2 $a S(F:S3>A+S3ObjectKey=#{variables.a}) B(Run:Lambda)             | Structure: Variables at the pipeline level cannot be used in source actions.\\nStageName=[S], ActionName=[F], ActionConfigurationKey=[S3ObjectKey], VariableReferenceText=[variables.a]
    S(F:S3!variables>A) B(Run:Lambda+UserParameters=#{variables.ETag})   |
  `);
});

test("conditions and triggers are checked as part of the whole", () => {
  expect(checkDefinition(withGate({ onFailure: { result: "SKIP" } }), here)?.code).toBe(
    "InvalidStageDeclarationException",
  );
  const triggers = [trigger({ sourceActionName: "Nobody" })];
  expect(checkDefinition({ ...withGate({}), triggers }, here)?.message).toMatch(/^Triggers for connections/);
});

test("the first problem is the first of all, and all of them are bounded", () => {
  const declared = pipeline("QUEUED S(F:S3>A) B(Run:Lambda-FunctionName<Nope+Odd=#{no.x})");
  const all = checkDefinitionAll(declared, here);
  expect(all.map((problem) => problem.message.slice(0, 20))).toEqual([
    "QUEUED or PARALLEL m",
    "Action configuration",
    "Action configuration",
    "Input artifact 'Nope",
    "Valid format for a p",
  ]);
  expect(checkDefinition(declared, here)).toEqual(all[0]);
  const many = pipeline(`S(F:S3>A) ${stages(1, 50)} ${stages(9, 50, "Lambda-FunctionName")}`);
  expect(checkDefinitionAll(many, here)).toHaveLength(DEFINITION_PROBLEMS_COUNT_MAX);
});

/** Checks each line of a table: a pipeline, then its first problem; nothing for none, `…` for whatever follows. */
function holds(table: string): void {
  for (const line of table.split("\n").map((row) => row.trim())) {
    if (line === "") continue;
    const [notation = "", expected = ""] = line.split(/ +\|(?: |$)/);
    const problem = checkDefinition(pipeline(notation), here);
    const found = problem
      ? `${problem.code.replace(/(Declaration)?Exception$/, "").replace("Invalid", "")}: ${problem.message}`
      : "";
    const wanted = expected.trim().replaceAll("\\n", "\n");
    const open = wanted.endsWith("…");
    const start = open ? wanted.slice(0, -1).trim() : wanted;
    expect({ notation, problem: open ? found.slice(0, start.length) : found }).toEqual({ notation, problem: start });
  }
}

/**
 * Reads a pipeline of one line: type, mode and `$variable`s, then stages such as `Build(Run:Lambda@2<In>Out, …)`.
 *
 * An action is `name:Provider`, followed by any of `@` run order, `<` input, `>` output, `!` namespace, `=` region,
 * `-` a required configuration key to leave out, `+` a key and its value. Required keys are there by themselves.
 */
function pipeline(notation: string, { bareCommands = false } = {}): PipelineDeclaration {
  const head = notation.slice(0, notation.indexOf("(")).split(" ").slice(0, -1);
  const variables = head.filter((word) => word.startsWith("$")).map((word) => ({ name: word.slice(1) }));
  const mode = head.find((word) => word === "QUEUED" || word === "PARALLEL" || word === "SUPERSEDED");
  const type = head.find((word) => word === "V1" || word === "V2");
  return {
    name: "demo",
    roleArn: "arn:aws:iam::000000000000:role/pipeline",
    artifactStore: { type: "S3", location: "bucket" },
    stages: [...notation.matchAll(/(\w+)\(([^)]*)\)/g)].map(([, name = "", actions = ""]) => ({
      name,
      actions: actions
        .split(/, */)
        .filter(Boolean)
        .map((text) => readAction(text, bareCommands)),
    })),
    ...(mode ? { executionMode: mode } : {}),
    ...(type ? { pipelineType: type } : {}),
    ...(variables.length ? { variables } : {}),
  };
}

function readAction(text: string, bareCommands: boolean): ActionDeclaration {
  const [, name = "", provider = "", rest = ""] = /^(\w+):(\w+)(.*)$/.exec(text) ?? [];
  const actionTypeId = typeId(provider);
  const marks = [...rest.matchAll(/\+(\w+)=([^+]*)|([@<>!=-])([\w-]+)/g)];
  const of = (mark: string) => marks.filter((match) => match[3] === mark).map((match) => match[4] ?? "");
  const required = (findActionType(actionTypeId)?.required ?? []).filter(
    (key) => !of("-").some((mark) => mark.startsWith(key)),
  );
  const given = marks.filter((match) => match[1] !== undefined).map((match) => [match[1], match[2]]);
  const [runOrder] = of("@");
  const [region] = of("=");
  const [namespace] = of("!");
  return {
    name,
    actionTypeId,
    configuration: Object.fromEntries([...required.map((key) => [key, "x"]), ...given]),
    inputArtifacts: of("<").map((artifact) => ({ name: artifact })),
    outputArtifacts: of(">").map((artifact) => ({ name: artifact })),
    ...(runOrder ? { runOrder: Number(runOrder) } : {}),
    ...(region ? { region } : {}),
    ...(namespace ? { namespace } : {}),
    ...(provider === "Commands" && !bareCommands ? { commands: ["ls"] } : {}),
  };
}

function typeId(provider: string): ActionTypeId {
  const aws = (category: ActionTypeId["category"], name = provider): ActionTypeId => ({
    ...{ category, owner: "AWS", provider: name, version: "1" },
  });
  switch (provider) {
    case "S3":
      return aws("Source");
    case "Connection":
      return aws("Source", "CodeStarSourceConnection");
    case "Lambda":
      return aws("Invoke");
    case "Manual":
      return aws("Approval");
    case "Commands":
      return aws("Compute");
    case "EKS":
    case "EC2":
    case "CloudFormation":
      return aws("Deploy");
    case "Custom":
      return { category: "Build", owner: "Custom", provider, version: "1" };
    default:
      return aws("Build");
  }
}

/** Stages with so many actions each. */
function stages(count: number, actionCount: number, provider = "Lambda"): string {
  const actions = Array.from({ length: actionCount }, (_, index) => `A${index}:${provider}`).join(", ");
  return Array.from({ length: count }, (_, index) => `${provider.replace(/\W/g, "")}${index}(${actions})`).join(" ");
}

/** A good pipeline whose stage B also has the given members. */
function withGate(gate: Partial<StageDeclaration>): PipelineDeclaration {
  const base = pipeline("V2 S(F:S3!src>A) B(Say:Manual)");
  return { ...base, stages: base.stages.map((stage) => (stage.name === "B" ? { ...stage, ...gate } : stage)) };
}

/** A good pipeline whose action Run also has the given members. */
function withAction(provider: string, members: Partial<ActionDeclaration>): PipelineDeclaration {
  const base = pipeline(`V2 S(F:S3>A) B(Run:${provider}<A)`);
  const change = (action: ActionDeclaration) => (action.name === "Run" ? { ...action, ...members } : action);
  return { ...base, stages: base.stages.map((stage) => ({ ...stage, actions: stage.actions.map(change) })) };
}

function trigger(git: object): NonNullable<PipelineDeclaration["triggers"]>[number] {
  return { providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "Fetch", ...git } };
}
