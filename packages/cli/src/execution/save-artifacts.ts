import { createWriteStream, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pipeline as pump } from "node:stream/promises";
import { inputWrong, isServiceError } from "../failure.ts";
import type { RunView } from "../screen/view.ts";
import type { ArtifactPlace } from "../server-port.ts";
import type { Session } from "./session.ts";
import { throwAwayFolder } from "./throw-away-folder.ts";

export interface SaveArtifacts {
  readonly stage: string;
  readonly folder: string;
  readonly note: (message: string) => void;
}

/** Unpacks the output artifacts of a stage, each into a folder of its name. Throws a `Failure` for one that is no zip. */
export async function saveArtifacts(
  session: Session,
  view: RunView,
  { stage, folder, note }: SaveArtifacts,
): Promise<void> {
  const actions = view.stages.find(({ name }) => name === stage)?.actions ?? [];
  for (const artifact of actions.flatMap(({ artifacts }) => artifacts)) {
    const target = resolve(folder, artifact.name);
    const isSaved = await saveArtifact(session, artifact, target);
    note(
      isSaved
        ? `artifact ${artifact.name} is in ${target}`
        : `artifact ${artifact.name} was not written, so there is nothing to save`,
    );
  }
}

async function saveArtifact({ server, archive }: Session, artifact: ArtifactPlace, target: string): Promise<boolean> {
  const temporary = throwAwayFolder();
  const zip = join(temporary.path, "artifact.zip");
  try {
    const { body } = await server.objects.get({ bucket: artifact.bucket, key: artifact.key });
    await pump(body, createWriteStream(zip));
    mkdirSync(resolve(target, ".."), { recursive: true });
    await archive.extractZip(zip, target);
    return true;
  } catch (error) {
    if (isServiceError(error) && error.code === "NoSuchKey") return false;
    if (error instanceof Error && error.name === "InvalidZip") {
      throw inputWrong(
        `artifact ${artifact.name} is no zip that can be unpacked: ${error.message}`,
        "The function must write a zip; without --save it is not unpacked.",
        error,
      );
    }
    throw error;
  } finally {
    temporary.remove();
  }
}
