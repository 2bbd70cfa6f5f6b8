/** Reads what `node --cpu-prof` wrote: which functions the time was spent in, by themselves. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of a CPU profile that are used here. Source: DevTools protocol, Profiler.Profile. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** Such as `commit packages/server/src/engine/engine.ts:104`. */
  readonly place: string;
  readonly ms: number;
  /** Part of all time that was not idle. */
  readonly share: number;
}

const IDLE = "(idle)";

/** Time by function, the greatest first, of all profiles together. Paths are shown from `root`. */
export function selfTimes(profiles: readonly CpuProfile[], root: string): readonly SelfTime[] {
  const micros = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const places = new Map(nodes.map((node) => [node.id, placeOf(node.callFrame, root)]));
    for (const [index, id] of samples.entries()) {
      const place = places.get(id) ?? "(unknown)";
      micros.set(place, (micros.get(place) ?? 0) + Math.max(0, timeDeltas[index] ?? 0));
    }
  }
  micros.delete(IDLE);
  const whole = [...micros.values()].reduce((sum, value) => sum + value, 0);
  return [...micros]
    .map(([place, value]) => ({ place, ms: value / 1000, share: value / whole }))
    .sort((a, b) => b.ms - a.ms);
}

function placeOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"], root: string): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  if (url === "") return name;
  const file = url.replace(/^file:\/\//, "").replace(`${root}/`, "");
  return `${name} ${file}:${lineNumber + 1}`; // the profile counts lines from 0
}

export function readProfiles(folder: string): readonly CpuProfile[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
  return files.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as CpuProfile); // node wrote it
}

/** How many functions are shown. */
const PLACES_SHOWN = 40;

/** A table for the terminal. */
export function showSelfTimes(profiles: readonly CpuProfile[], root: string): string {
  const times = selfTimes(profiles, root);
  const whole = times.reduce((sum, { ms }) => sum + ms, 0);
  const rows = times
    .slice(0, PLACES_SHOWN)
    .map(
      ({ place, ms, share }) => `${(share * 100).toFixed(1).padStart(6)} % ${ms.toFixed(1).padStart(9)} ms  ${place}`,
    );
  const head = `${profiles.length} profile${profiles.length === 1 ? "" : "s"}, ${whole.toFixed(0)} ms at work; time in the function itself:`;
  return [head, ...rows].join("\n");
}
