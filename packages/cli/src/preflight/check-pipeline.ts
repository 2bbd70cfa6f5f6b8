/**
 * The check before a run: everything that can be known of a pipeline and what is declared around it, without starting
 * anything. Each part asks one question; the parts know nothing of each other.
 */
import { checkDefinitionAll, type PipelineDeclaration } from "@penstock/pipeline";
import { declarationProblem, isRunHere } from "@penstock/server/checks";
import { registeredIn } from "../project/action-types.ts";
import { usedRoles } from "../project/deploy-roles.ts";
import { givenSources } from "../project/deploy-sources.ts";
import {
  type Action,
  actionsOf,
  isLambdaAction,
  isLambdaDeploy,
  isS3Source,
  type PolicyText,
  type Project,
} from "../project/project.ts";
import { checkActionAccess, checkServiceTrust, checkStoreKeys } from "./check-access.ts";
import { checkCalledFunction, checkCode } from "./check-functions.ts";
import { checkValues } from "./check-values.ts";
import { type ActionPlace, about, type Finding } from "./finding.ts";
import { functionReference } from "./function-reference.ts";
import { orFinding } from "./or-finding.ts";
import { readPolicies } from "./roles.ts";

/** Answers everything that was found, what concerns the whole pipeline first. */
export async function checkPipeline(project: Project): Promise<readonly Finding[]> {
  const policies = readPolicies(project);
  const actions = actionsOf(project.pipeline).map(({ stage, action }) => ({
    action,
    place: { stage: stage.name, action: action.name },
  }));
  const code = await codeFindings(project);
  return [
    ...definitionFindings(project),
    ...policies.findings,
    ...checkServiceTrust(project, policies),
    ...undeclaredRoles(project),
    ...checkStoreKeys(project),
    ...(await orFinding({ check: "supplies" }, () => void givenSources(project))),
    ...leftOver(project),
    ...unevaluatedConditions(project),
    ...actions.flatMap(({ action, place }) =>
      [
        ...notRun(action),
        ...checkCalledFunction(project, action),
        ...codeOf(project, action, code),
        ...checkActionAccess(project, action, policies),
        ...checkValues(project, action),
        ...unusedOutputs(project, action),
        ...sourceGiven(project, action),
      ].map((finding) => about(place, finding)),
    ),
  ];
}

/** The rules of the service, all at once and in its words. */
function definitionFindings(project: Project): Finding[] {
  const { pipeline, region } = project;
  // The file's schema has held the shape; a value outside of the model's enums breaks one of the constraints.
  const declaration = pipeline as unknown as PipelineDeclaration;
  const constraint = declarationProblem(pipeline);
  const where = { region, ...registeredIn(project) };
  const problems = [...(constraint ? [constraint] : []), ...checkDefinitionAll(declaration, where)];
  return problems.map(({ code, message }): Finding => {
    const place = placeNamedIn(message, pipeline);
    return {
      severity: "error",
      check: "definition",
      message: `${code}: ${message}`,
      remedy: "Correct the declaration; the text is the service's own.",
      ...(place ? { action: place } : {}),
    };
  });
}

/** The service's texts name the action that they are about in several ways; the name alone tells which it is. */
function placeNamedIn(message: string, pipeline: Project["pipeline"]): ActionPlace | undefined {
  const name =
    /ActionName=\[([^\]]+)\]/.exec(message)?.[1] ??
    /[Aa]ction (?:'([^']+)'|([\w.@-]+) declares)/.exec(message)?.slice(1).join("");
  const found = actionsOf(pipeline).find(({ action }) => action.name === name);
  return found && { stage: found.stage.name, action: found.action.name };
}

/** By function, so that one that several actions call is looked at once. */
async function codeFindings({ functions }: Project) {
  const found = await Promise.all(
    Object.entries(functions).map(async ([name, declared]) => [name, await checkCode(name, declared)] as const),
  );
  return new Map(found);
}

function codeOf(project: Project, action: Action, code: Awaited<ReturnType<typeof codeFindings>>) {
  if (!isLambdaAction(action)) return [];
  return code.get(functionReference(action, project)?.name ?? "") ?? [];
}

/** `penstock run` makes them up; AWS does not. */
function undeclaredRoles(project: Project): Finding[] {
  return [...usedRoles(project).values()].flatMap(({ name, uses, policy }): Finding[] => {
    if (Object.hasOwn(project.roles, name)) return [];
    return [
      {
        severity: "note",
        check: "roleDeclared",
        message: `role ${name} (${uses}) is not declared, so it is taken to have the least it needs`,
        remedy: 'Declare it under "roles" in penstock.yaml with the policies that it has in AWS.',
        ...(policy ? { statement: { policyOf: `role ${name}`, statement: statementsOf(policy) } } : {}),
      },
    ];
  });
}

/** The policies are our own: their statements are a list. */
function statementsOf({ Statement }: PolicyText) {
  return Statement as readonly PolicyText[];
}

function leftOver(project: Project): Finding[] {
  const used = usedRoles(project);
  const called = new Set(
    actionsOf(project.pipeline).flatMap(({ action }) =>
      isLambdaAction(action) || isLambdaDeploy(action) ? (functionReference(action, project)?.name ?? []) : [],
    ),
  );
  const byVariable = actionsOf(project.pipeline).some(
    ({ action }) => isLambdaAction(action) && action.configuration?.["FunctionName"]?.includes("#{"),
  );
  const roles = Object.keys(project.roles).filter((name) => !used.has(name) && !isNamed(name, project));
  const functions = byVariable ? [] : Object.keys(project.functions).filter((name) => !called.has(name));
  return [
    ...roles.map((name): Finding => unused("roleUsed", "roles", name, "neither the pipeline nor a function has it")),
    ...functions.map(
      (name): Finding => ({
        ...unused("functionUsed", "functions", name, "no action calls it"),
        severity: "note",
      }),
    ),
  ];
}

/** What AWS runs, and a run here does not. */
function notRun({ actionTypeId }: Action): Omit<Finding, "action">[] {
  if (isRunHere(actionTypeId)) return [];
  const { category, owner, provider } = actionTypeId;
  return [
    {
      severity: "warning",
      check: "notRun",
      message: `Penstock does not run actions of the type ${category}/${owner}/${provider}: a run here fails at it`,
      remedy: "For runs here, replace it by a Lambda action, or leave it out.",
    },
  ];
}

function unevaluatedConditions({ pipeline }: Project): Finding[] {
  return pipeline.stages.flatMap((stage, index): Finding[] => {
    const gates = ["beforeEntry", "onSuccess", "onFailure"].filter((gate) => hasConditions(stage, gate));
    if (gates.length === 0) return [];
    return [
      {
        severity: "warning",
        check: "notRun",
        message: `Penstock does not evaluate the conditions of stage ${stage.name} (${gates.join(", ")}): a run here goes on as if their rules had succeeded`,
        remedy: "Nothing is to be mended; it is only seen in AWS what the rules say.",
        at: { file: "pipeline", path: ["stages", index] },
      },
    ];
  });
}

/** The gates of a stage are the wire's to check; here they are only looked for. */
function hasConditions(stage: object, gate: string): boolean {
  const declared = (stage as Readonly<Record<string, { readonly conditions?: readonly unknown[] } | undefined>>)[gate];
  return (declared?.conditions?.length ?? 0) > 0;
}

/** Whether a policy of another declared role names a role, as that of a function does which assumes it. */
function isNamed(name: string, { roles }: Project): boolean {
  const others = Object.entries(roles).filter(([other]) => other !== name);
  return others.some(([, { policies }]) => JSON.stringify(policies).includes(`role/${name}"`));
}

function unused(check: "roleUsed" | "functionUsed", key: string, name: string, why: string): Finding {
  return {
    severity: "warning",
    check,
    message: `${key.slice(0, -1)} ${name} is declared and never used: ${why}`,
    remedy: "Take it out of penstock.yaml, or correct the name where it is meant to be used.",
    at: { file: "penstock", path: [key, name] },
  };
}

function unusedOutputs({ pipeline }: Project, { outputArtifacts = [] }: Action): Omit<Finding, "action">[] {
  const taken = new Set(
    actionsOf(pipeline).flatMap(({ action }) => (action.inputArtifacts ?? []).map(({ name }) => name)),
  );
  return outputArtifacts.flatMap(({ name }): Omit<Finding, "action">[] =>
    taken.has(name)
      ? []
      : [
          {
            severity: "warning",
            check: "outputUsed",
            message: `output artifact ${name} is no action's input`,
            remedy: "Take it out of outputArtifacts, unless somebody fetches it from the artifact bucket.",
          },
        ],
  );
}

function sourceGiven({ inputs }: Project, action: Action): Omit<Finding, "action">[] {
  const names = [action.name, ...(action.outputArtifacts ?? []).map(({ name }) => name)];
  if (!isS3Source(action) || names.some((name) => Object.hasOwn(inputs, name))) return [];
  return [
    {
      severity: "note",
      check: "supplies",
      message: "its source is not given under inputs",
      remedy: `penstock run needs --input ${names.at(-1)}=PATH, unless the object is in the data folder already.`,
    },
  ];
}
