import { type PipelineDeclaration, type PlacedAction, placedActions, runsBefore } from "./definition.ts";
import {
  type DefinitionPlace,
  type DefinitionProblem,
  structureProblem,
  validationProblem,
} from "./definition-problem.ts";

/** One store for the pipeline's region and for every other that has an action. Source: reference §7.1, §8. */
export function* checkArtifactStores(
  declaration: PipelineDeclaration,
  { region }: DefinitionPlace,
): Iterable<DefinitionProblem> {
  const { artifactStore, artifactStores } = declaration;
  if ((artifactStore === undefined) === (artifactStores === undefined)) {
    // Source: the rule is the model's text, the words are our choice.
    const found = artifactStore ? "has both 'artifactStore' and 'artifactStores'" : "has no artifact store";
    yield validationProblem(
      `Pipeline ${found}. It must have either 'artifactStore' or 'artifactStores', but not both.`,
    );
    return; // Which regions are covered is not known.
  }
  const covered = artifactStores ? Object.keys(artifactStores) : [region];
  for (const name of covered.filter((name) => name !== region && !isRegion(name))) {
    yield validationProblem(`The region ${name} specified in 'pipeline.artifactStores' is not a valid AWS Region.`);
  }
  const needed = new Set([region, ...placedActions(declaration).map(({ action }) => action.region ?? region)]);
  for (const name of needed) {
    if (covered.includes(name)) continue;
    // Source: the class is from a probe of cdk-preflight (rule artifact-stores-region-of-pipeline), September 2026.
    yield validationProblem(
      "Your pipeline must have an artifact store, such as an artifact bucket, for each region where you have an action. " +
        `The following region is missing in 'pipeline.artifactStores': ${name}.`,
    );
  }
}

/** The form of a region's name; the list of regions grows, so it is not held against one. */
export function isRegion(name: string): boolean {
  return /^[a-z]{2,}(-[a-z]+)+-[1-9]\d?$/.test(name);
}

/** Output names are unique in the pipeline, and an input is the output of an action that runs before. Source: reference §7.1. */
export function* checkArtifactFlow(declaration: PipelineDeclaration): Iterable<DefinitionProblem> {
  const actions = placedActions(declaration);
  const producers = new Map<string, PlacedAction>();
  for (const place of actions) {
    for (const { name } of place.action.outputArtifacts ?? []) {
      if (producers.has(name)) yield repeatedOutput(name);
      else producers.set(name, place);
    }
  }
  for (const place of actions) {
    for (const { name } of place.action.inputArtifacts ?? []) {
      const producer = producers.get(name);
      if (!producer) yield unknownInput(name, place);
      else if (!runsBefore(producer, place)) yield lateInput(name, place, producer);
    }
  }
}

/** Source: reference §8 for the words; the class is our choice, as for the other rules on how the parts meet. */
function repeatedOutput(name: string): DefinitionProblem {
  return structureProblem(
    `Output Artifact Bundle name must be unique within the pipeline. ${name} has been used more than once.`,
  );
}

/** Source: our choice of class and words. */
function unknownInput(name: string, { action, stage }: PlacedAction): DefinitionProblem {
  return structureProblem(
    `Input artifact '${name}' of action '${action.name}' in stage '${stage.name}' is not an output artifact of any action. ` +
      "An input artifact must be an output artifact of an action in an earlier stage or with a lower run order.",
  );
}

/** Source: our choice of class and words. */
function lateInput(name: string, { action, stage }: PlacedAction, producer: PlacedAction): DefinitionProblem {
  return structureProblem(
    `Input artifact '${name}' of action '${action.name}' in stage '${stage.name}' is an output artifact of action ` +
      `'${producer.action.name}' in stage '${producer.stage.name}', which does not run before it. ` +
      "An input artifact must be an output artifact of an action in an earlier stage or with a lower run order.",
  );
}
