/** What a function does with rights of its own, as far as its sources tell. */
import { statSync } from "node:fs";
import { roleArnOf } from "../project/deploy-roles.ts";
import type { FunctionDeclaration, Project } from "../project/project.ts";
import { accountOfFunction } from "../project/role-policies.ts";
import { type NeededStatement, statement } from "./needed-role.ts";
import { reachableSources } from "./reachable-sources.ts";

export interface FunctionNeeds {
  readonly roleArn: string;
  readonly statements: readonly NeededStatement[];
  readonly notes: readonly string[];
}

/** Statements of one function. Their names end in none of its own, so that functions of one role can share them. */
export function functionNeeds(project: Project, name: string, declared: FunctionDeclaration): FunctionNeeds {
  const isFolder = statSync(declared.code, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const sources = isFolder ? reachableSources(declared.code, declared.handler).join("\n") : "";
  const logGroup = `arn:aws:logs:${project.region}:${accountOfFunction(name, project)}:log-group:/aws/lambda/${name}`;
  return {
    roleArn: roleArnOf(project, name),
    statements: [
      // Neither operation has a resource type, so no job and no pipeline can be named.
      ...statement("ReportResults", ["codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"], ["*"]),
      ...(renewsCredentials(sources, declared)
        ? statement("RenewArtifactCredentials", ["codepipeline:GetJobDetails"], ["*"])
        : []),
      ...statement("KeepState", ["s3:GetObject", "s3:PutObject"], stateBuckets(sources, declared)),
      ...statement(
        "WriteLogs",
        ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        [logGroup, `${logGroup}:*`],
      ),
    ],
    notes:
      sources === ""
        ? [`function ${name}: its sources are not here to be read, so it is taken to report, and no more`]
        : otherCalls(name, sources),
  };
}

/** Artifact credentials last 15 minutes, and the toolkit renews them in their last. Unit: seconds. */
const RENEWED_AFTER_SECONDS = 14 * 60;

function renewsCredentials(sources: string, { timeoutSeconds }: FunctionDeclaration): boolean {
  if (/\bget_job_details\b|\b[gG]etJobDetails(Command)?\b/.test(sources)) return true;
  return usesToolkit(sources) && timeoutSeconds > RENEWED_AFTER_SECONDS;
}

function usesToolkit(sources: string): boolean {
  return /["']@penstock\/toolkit["']/.test(sources);
}

const STATE_BUCKET =
  /\bstateBucket\s*:\s*(?:["'`]([^"'`$\n]+)["'`]|(?:String\()?process\.env(?:\.(\w+)|\[\s*["'](\w+)["']\s*\]))/g;

/** The objects of `stateBucket`, which is a bucket and perhaps a prefix, written out or in an environment variable. */
function stateBuckets(sources: string, { environment }: FunctionDeclaration): readonly string[] {
  if (!usesToolkit(sources)) return [];
  return [...sources.matchAll(STATE_BUCKET)].flatMap(([, literal, dotted = "", indexed = ""]) => {
    const named = literal ?? environment[dotted || indexed];
    return named ? [`arn:aws:s3:::${named.replace(/\/$/, "")}/*`] : [];
  });
}

const CLIENTS = /@aws-sdk\/(?:client|lib)-([\w-]+)|\bboto3\.(?:client|resource)\(\s*["']([\w-]+)["']/g;
/** What the function's own rights are not needed for, or are told above. */
const KNOWN = new Set(["codepipeline", "s3", "storage", "sts"]);

function otherCalls(name: string, sources: string): readonly string[] {
  const services = [...sources.matchAll(CLIENTS)].map(([, script, python]) => script ?? python ?? "");
  const others = [...new Set(services)].filter((service) => !KNOWN.has(service)).sort();
  if (others.length === 0) return [];
  return [`function ${name} uses ${others.join(", ")}; what it does there is not known, so add that to its policy`];
}
