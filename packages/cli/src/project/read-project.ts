/** Finding and reading what people wrote: a pipeline declaration, and `penstock.yaml` beside it. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { inputWrong } from "../failure.ts";
import { DEFAULT_REGION, type Pipeline, type Project } from "./project.ts";
import { readDeclaration } from "./read-declaration.ts";
import { readSurroundings, type Surroundings } from "./read-surroundings.ts";
import { shown } from "./shown.ts";

const PIPELINE_FILES = ["pipeline.json", "pipeline.yaml", "pipeline.yml"];

/**
 * Reads the project that a path means: a pipeline declaration, or a folder with one.
 *
 * Throws a `Failure` (exit status 2) that names the file, the line and what would be right.
 */
export async function readProject(path: string): Promise<Project> {
  const target = resolve(path);
  const isFolder = folderOrFile(target, path) === "folder";
  const surroundings = await readSurroundings(isFolder ? target : dirname(target));
  const file = isFolder ? pipelineFileIn(target, path, surroundings) : target;
  const declaration = await readDeclaration(file);
  const {
    timing,
    throttling,
    strict,
    region,
    functions,
    roles,
    buckets,
    keys,
    inputs,
    actionTypes,
    otherServices,
    accounts,
  } = surroundings;
  return {
    ...declaration,
    ...(timing ? { timing } : {}),
    ...(throttling ? { throttling } : {}),
    ...(strict === undefined ? {} : { strict }),
    functions,
    roles,
    buckets,
    keys,
    ...(actionTypes ? { actionTypes } : {}),
    ...(otherServices ? { otherServices } : {}),
    ...(accounts ? { accounts } : {}),
    inputs,
    account: accountOf(declaration.pipeline, surroundings, shown(file)),
    region: region ?? DEFAULT_REGION,
    files: [file, ...(surroundings.file ? [surroundings.file] : [])],
    origin: shown(file),
  };
}

/** The project that a folder holds; nothing where it has no pipeline. Throws as `readProject` does. */
export async function projectIn(folder: string): Promise<Project | undefined> {
  const { pipeline } = await readSurroundings(resolve(folder));
  const isThere = pipeline !== undefined || PIPELINE_FILES.some((name) => existsSync(join(folder, name)));
  return isThere ? await readProject(folder) : undefined;
}

function folderOrFile(target: string, path: string): "folder" | "file" {
  const found = statSync(target, { throwIfNoEntry: false });
  if (found) return found.isDirectory() ? "folder" : "file";
  throw inputWrong(
    `there is no file or folder ${path}`,
    "Name a pipeline declaration (JSON or YAML), or the folder that has one.",
  );
}

function pipelineFileIn(folder: string, path: string, { pipeline, file: penstockFile }: Surroundings): string {
  if (pipeline) {
    if (existsSync(pipeline)) return pipeline;
    const message = `${shown(penstockFile ?? folder)} names the pipeline ${shown(pipeline)}, which is not there`;
    throw inputWrong(message, 'Correct "pipeline" in it.');
  }
  const [first, second] = PIPELINE_FILES.map((name) => join(folder, name)).filter((candidate) => existsSync(candidate));
  if (first && second) {
    throw inputWrong(
      `${path} has both ${basename(first)} and ${basename(second)}`,
      "Name one of them, or delete the other.",
    );
  }
  if (first) return first;
  throw inputWrong(
    `${path} has no pipeline declaration`,
    'Put one there as pipeline.json or pipeline.yaml, or name it by "pipeline" in penstock.yaml.\n' +
      "An existing one comes from: aws codepipeline get-pipeline --name NAME > pipeline.json",
  );
}

/** The pipeline belongs to the account of its role; `penstock.yaml` may say the same, and nothing else. */
function accountOf(pipeline: Pipeline, { account, file: penstockFile }: Surroundings, origin: string): string {
  const found = /^arn:[\w-]+:iam::(\d{12}):role\/.+$/.exec(pipeline.roleArn)?.[1];
  if (!found) {
    const message = `${origin}: roleArn "${pipeline.roleArn}" is not the ARN of a role`;
    throw inputWrong(message, "Write it like arn:aws:iam::123456789012:role/PipelineRole.");
  }
  if (account && account !== found) {
    throw inputWrong(
      `${shown(penstockFile ?? "")} says account ${account}, but the pipeline's role is of account ${found}`,
      'Leave "account" out, or make both the same.',
    );
  }
  return found;
}
