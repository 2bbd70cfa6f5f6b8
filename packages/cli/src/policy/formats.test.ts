/*
 * Every format says the same, in the words of its own tool: IAM's by the server's reader, CloudFormation's and SAM's by AWS's
 * validator, the CDK's by compiling and synthesising, Terraform's by its grammar.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { readPolicy } from "@penstock/server/checks";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { WORKSPACE } from "../../../../conformance/server.ts";
import { penstock } from "../capture/testing/penstock.ts";
import { archiveProject } from "./testing/archive-project.ts";
import { readHcl } from "./testing/read-hcl.ts";

/** What `--format iam` says of several roles. */
type Roles = Readonly<Record<string, { readonly trust: object; readonly policy: object }>>;

const PROJECTS = { "the demo": join(WORKSPACE, "examples/demo"), "a project that needs everything": archiveProject() };

async function printed(folder: string, ...options: readonly string[]): Promise<string> {
  const done = await penstock(["policy", folder, ...options]);
  expect(done).toMatchObject({ status: 0, stderr: "" });
  return done.stdout;
}

const rolesOf = async (folder: string) => JSON.parse(await printed(folder)) as Roles; // what --format iam prints

/** A document with every list of one as its only member: IAM means the same by both. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? plain(value[0]) : value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

interface RoleResource {
  readonly Type: string;
  readonly Properties: {
    readonly RoleName: string;
    readonly AssumeRolePolicyDocument: object;
    readonly Policies?: readonly { readonly PolicyDocument: object }[];
  };
}

/** The roles of a template, in the form of `--format iam`. */
function rolesIn(resources: Readonly<Record<string, RoleResource>>) {
  const roles = Object.values(resources).filter(({ Type }) => Type === "AWS::IAM::Role");
  return Object.fromEntries(
    roles.map(({ Properties: { RoleName, AssumeRolePolicyDocument, Policies = [] } }) => [
      RoleName,
      { trust: AssumeRolePolicyDocument, policy: Policies[0]?.PolicyDocument },
    ]),
  );
}

/** The CDK is nearly 200 MB, so it is no package of the workspace: set-up brings it for the tests. */
const CDK = join(WORKSPACE, ".tools/cdk");
const hasCdk = existsSync(join(CDK, "node_modules"));

/** As much as is used of AWS's validator of templates, which comes with the CDK. */
interface Validator {
  readonly CompositeEngine: new () => {
    validateTemplate(template: object): {
      readonly diagnostics: readonly { severity: string; ruleId: string; message: string }[];
    };
    free(): void;
  };
  readonly TemplateContent: new (content: string) => object;
}

/** What AWS's validator has to say that is more than advice. */
function problemsOf(template: string): readonly string[] {
  const load = createRequire(join(CDK, "node_modules/aws-cdk-lib/package.json"));
  const { CompositeEngine, TemplateContent } = load("@aws/cloudformation-validate") as Validator; // as its types have it
  const engine = new CompositeEngine();
  try {
    const { diagnostics } = engine.validateTemplate(new TemplateContent(template));
    return diagnostics.flatMap(({ severity, ruleId, message }) =>
      severity === "INFO" ? [] : [`${ruleId} ${message}`],
    );
  } finally {
    engine.free();
  }
}

describe.each(Object.entries(PROJECTS))("of %s", (_, folder) => {
  test("IAM takes every document", async () => {
    const roles = await rolesOf(folder);
    expect(Object.keys(roles).length).toBeGreaterThanOrEqual(2);
    for (const { trust, policy } of Object.values(roles)) {
      expect(readPolicy(trust, "trust")).toMatchObject({ ok: true });
      expect(readPolicy(policy, "identity")).toMatchObject({ ok: true });
    }
  });

  test("a role alone is printed as put-role-policy and create-role take it", async () => {
    for (const [name, { trust, policy }] of Object.entries(await rolesOf(folder))) {
      expect(JSON.parse(await printed(folder, "--role", name))).toEqual(policy);
      expect(JSON.parse(await printed(folder, "--role", name, "--trust"))).toEqual(trust);
    }
  });

  // Its validator comes with the CDK.
  test.skipIf(!hasCdk)("CloudFormation takes the template, and it says the same", async () => {
    const template = await printed(folder, "--format", "cloudformation");
    expect(problemsOf(template)).toEqual([]);
    expect(rolesIn(parse(template).Resources)).toEqual(await rolesOf(folder));
  });

  // Its validator comes with the CDK.
  test.skipIf(!hasCdk)(
    "SAM takes the template, with each function's own policy, less the logs that it grants itself",
    async () => {
      const template = await printed(folder, "--format", "sam");
      expect(problemsOf(template)).toEqual([]);
      const { Resources: resources } = parse(template);
      const roles = await rolesOf(folder);
      const others = rolesIn(resources);
      expect(Object.keys(others).length).toBeGreaterThan(0);
      for (const [name, role] of Object.entries(others)) expect(role).toEqual(roles[name]);
      expect(template).toContain("codepipeline:PutJobSuccessResult");
      expect(template).not.toContain("logs:");
    },
  );

  test("Terraform reads it, and it says the same", async () => {
    const blocks = await readHcl(await printed(folder, "--format", "terraform"));
    const byId = (type: string) =>
      new Map(blocks.flatMap(({ labels, members }) => (labels[1] === type ? [[labels[2], members] as const] : [])));
    const policies = byId("aws_iam_role_policy");
    const said = [...byId("aws_iam_role")].map(([id, { name, assume_role_policy: trust }]) => {
      expect(policies.get(id)?.["role"]).toBe(`aws_iam_role.${id}.id`);
      return [name, { trust, policy: policies.get(id)?.["policy"] }];
    });
    expect(Object.fromEntries(said)).toEqual(await rolesOf(folder));
  });

  // Without the CDK there is nothing to compile against.
  test.skipIf(!hasCdk)("the CDK compiles it, and its synthesis says the same", async () => {
    const resources = synthesise(await printed(folder, "--format", "cdk"));
    expect(plain(rolesIn(resources))).toEqual(plain(await rolesOf(folder)));
  });
});

const STACK = `
import { App, DefaultStackSynthesizer, Stack } from "aws-cdk-lib";
import { PipelineRoles } from "./pipeline-roles.ts";

const app = new App();
const stack = new Stack(app, "Test", { synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) });
new PipelineRoles(stack, "Roles");
console.log(JSON.stringify(app.synth().getStackByName("Test").template.Resources));
`;

/** Checks the types of a construct, and makes a template of a stack with it. */
function synthesise(construct: string): Readonly<Record<string, RoleResource>> {
  const folder = mkdtempSync(join(WORKSPACE, ".tools/cdk/test-"));
  try {
    writeFileSync(join(folder, "pipeline-roles.ts"), construct);
    writeFileSync(join(folder, "stack.ts"), STACK);
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    const options = [
      "--noEmit",
      "--ignoreConfig",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
      "--allowImportingTsExtensions",
    ];
    const tsc = join(WORKSPACE, "node_modules/.bin/tsc");
    execFileSync(
      tsc,
      [...options, "--types", "node", "--typeRoots", join(WORKSPACE, "node_modules/@types"), join(folder, "stack.ts")],
      { stdio: "inherit", cwd: folder },
    );
    return JSON.parse(execFileSync(process.execPath, [join(folder, "stack.ts")], { encoding: "utf8", cwd: folder }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
