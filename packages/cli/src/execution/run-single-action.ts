/** What `invoke` and `replay` run: a pipeline around one action, of which only that action is shown. */
import { INVOKE_STAGE } from "../project/single-action.ts";
import { chooseScreen } from "../screen/choose-screen.ts";
import { type RunProject, runProject } from "./run-project.ts";

export interface RunSingleAction extends Pick<RunProject, "project" | "server" | "showsInterpreter"> {
  /** Folder to unpack the output artifacts into; without it they are not. */
  readonly save: string | undefined;
  /** Whether one JSON document is printed. */
  readonly json: boolean;
}

/** Answers the exit status, as `runProject`. */
export async function runSingleAction({ save, json, ...run }: RunSingleAction): Promise<number> {
  const only = { stage: INVOKE_STAGE };
  const unpack: RunProject["afterwards"] =
    save === undefined
      ? undefined
      : async (session, view, note) => {
          const { saveArtifacts } = await import("./save-artifacts.ts");
          await saveArtifacts(session, view, { ...only, folder: save, note });
        };
  return runProject({
    ...run,
    variables: {},
    only,
    screen: await chooseScreen({ json, only }),
    ...(unpack && { afterwards: unpack }),
  });
}
