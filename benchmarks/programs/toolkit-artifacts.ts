/** Packs a folder into an artifact and unpacks one, by the toolkit or by a library of npm. */
import { createWriteStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { unzipSync, zipSync } from "fflate";
import { open as openZip } from "yauzl";
import { ZipFile } from "yazl";
import { aws } from "../../packages/toolkit/src/aws/surroundings.ts";
import { defineJob, runHandlerIn } from "../../packages/toolkit/src/define-job.ts";
import { jobEvent } from "../../packages/toolkit/src/testing/job-event.ts";
import { answerQuestions } from "../program.ts";
import { fileObjects } from "./file-objects.ts";

export interface ArtifactsQuestion {
  readonly by: "toolkit" | "fflate" | "yauzl and yazl";
  readonly what: "pack" | "unpack";
  /** What is packed, or where it is unpacked; that must not exist. */
  readonly folder: string;
  readonly zip: string;
}

export interface ArtifactsAnswer {
  readonly ms: number;
  /** The most that the resident set was above what it was before. Unit: mebibytes. */
  readonly roseMebibytes: number;
}

type Doing = (folder: string, zip: string) => Promise<void>;

const DOINGS: Readonly<Record<ArtifactsQuestion["by"], Readonly<Record<ArtifactsQuestion["what"], Doing>>>> = {
  toolkit: { pack: packByToolkit, unpack: unpackByToolkit },
  fflate: {
    async pack(folder, zip) {
      const files = Object.fromEntries(namesIn(folder).map((name) => [name, readFileSync(join(folder, name))]));
      writeFileSync(zip, zipSync(files, { level: 6 }));
    },
    async unpack(folder, zip) {
      for (const [name, bytes] of Object.entries(unzipSync(readFileSync(zip)))) writeFile(folder, name, bytes);
    },
  },
  "yauzl and yazl": { pack: packByYazl, unpack: unpackByYauzl },
};

answerQuestions(async ({ by, what, folder, zip }: ArtifactsQuestion): Promise<ArtifactsAnswer> => {
  const before = memory("VmRSS");
  writeFileSync("/proc/self/clear_refs", FORGET_PEAK);
  const startedAt = performance.now();
  await DOINGS[by][what](folder, zip);
  const ms = performance.now() - startedAt;
  return { ms, roseMebibytes: memory("VmHWM") - before };
});

/** Source: proc(5), `clear_refs`: the peak of the resident set begins anew. */
const FORGET_PEAK = "5";

/** Unit: mebibytes. Source: proc(5), `status`; Linux only. */
function memory(field: "VmRSS" | "VmHWM"): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}

async function packByToolkit(folder: string, zip: string): Promise<void> {
  await inJob(dirname(zip), (job) => job.output("Out").addFolder(folder));
}

async function unpackByToolkit(folder: string, zip: string): Promise<void> {
  await inJob(dirname(zip), (job) => job.input("In").extract(folder));
}

/** The artifacts `In` and `Out` are the files `in.zip` and `out.zip`. */
async function inJob(
  dir: string,
  work: (job: Parameters<Parameters<typeof defineJob>[0]["run"]>[0]) => Promise<unknown>,
) {
  const objects = fileObjects(join(dir, "in.zip"), join(dir, "out.zip"));
  const store = async () => objects;
  const event = jobEvent({ inputs: ["In"], outputs: ["Out"] });
  const handler = defineJob({ run: async (job) => void (await work(job)) });
  const surroundings = { ...aws(), putReport: async () => {}, artifacts: () => store, own: store };
  const { status } = await runHandlerIn(handler, surroundings, event, {});
  if (status !== "Succeeded") throw new Error(`The job has ${status}.`);
}

async function packByYazl(folder: string, zip: string): Promise<void> {
  const writer = new ZipFile();
  for (const name of namesIn(folder)) writer.addFile(join(folder, name), name);
  writer.end();
  await pipeline(writer.outputStream, createWriteStream(zip));
}

function unpackByYauzl(folder: string, zip: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  openZip(zip, { lazyEntries: true }, (error, reader) => {
    if (error) return reject(error);
    reader.once("end", resolve).once("error", reject);
    reader.on("entry", (entry: { readonly fileName: string }) => {
      reader.openReadStream(entry as never, async (failure, bytes) => {
        if (failure) return reject(failure);
        mkdirSync(dirname(join(folder, entry.fileName)), { recursive: true });
        await pipeline(bytes, createWriteStream(join(folder, entry.fileName))).catch(reject);
        reader.readEntry();
      });
    });
    reader.readEntry();
  });
  return promise;
}

function writeFile(folder: string, name: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), bytes);
}

function namesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
