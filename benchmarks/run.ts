/**
 * `npm run bench [-- scenario…] [--peers] [--profile] [--rounds N]`: measures Penstock against the floors of this machine.
 *
 * Without a scenario all of them run and `RESULTS.md` is written anew; with `--peers` instead those that hold it against
 * other servers, which are fetched for the purpose, and `PEERS.md`. With `--profile` our processes run under Node's
 * CPU profiler for a few rounds, and where their time went is printed instead of a verdict. Exit status: 0 no goal is
 * missed, 1 one is, 2 the command line is wrong, 3 something could not be measured, 130 Ctrl-C.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Bench, openBench, ROOT } from "./bench.ts";
import { describeMachine } from "./machine.ts";
import { readProfiles, showSelfTimes } from "./measuring/profile.ts";
import { runRig } from "./measuring/rounds.ts";
import { resultLine, resultsPage, type ScenarioResult } from "./results.ts";
import { atOnce } from "./scenarios/at-once.ts";
import { cold } from "./scenarios/cold.ts";
import { largeArtifact } from "./scenarios/large-artifact.ts";
import { nginxPeer, s3rverPeer } from "./scenarios/object-peers.ts";
import { objects, objectsOfAGigabyte } from "./scenarios/objects.ts";
import { oneShot } from "./scenarios/one-shot.ts";
import { ready } from "./scenarios/ready.ts";
import { reports } from "./scenarios/reports.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { sigv4 } from "./scenarios/sigv4.ts";
import { toolkitArtifacts, toolkitMemory } from "./scenarios/toolkit-artifacts.ts";
import { toolkitCalls } from "./scenarios/toolkit-calls.ts";
import { warmAction } from "./scenarios/warm-action.ts";
import { watch } from "./scenarios/watch.ts";
import { zips } from "./scenarios/zips.ts";

const SCENARIOS: readonly Scenario[] = [
  oneShot,
  watch,
  warmAction,
  cold,
  atOnce,
  ready,
  reports,
  objects,
  objectsOfAGigabyte,
  largeArtifact,
  zips,
  sigv4,
  toolkitCalls,
  toolkitArtifacts,
  toolkitMemory,
];

const PEER_SCENARIOS: readonly Scenario[] = [nginxPeer, s3rverPeer];

/** How long one scenario may take, all tries together. Unit: milliseconds. */
const SCENARIO_MS_MAX = 90_000;

/** Enough for a profile. */
const PROFILED_ROUNDS_COUNT = 3;

interface Asked {
  readonly scenarios: readonly Scenario[];
  /** The page that is written, if any: all scenarios of it are run in full. */
  readonly page: "RESULTS.md" | "PEERS.md" | undefined;
  readonly profiles: boolean;
  readonly roundsCount: number | undefined;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (typeof asked === "string") {
    console.error(`bench: ${asked}`);
    return 2;
  }
  const bench = openBench();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      bench.close();
      process.exit(130);
    });
  }
  try {
    return asked.profiles ? await profile(bench, asked) : await measure(bench, asked);
  } catch (error) {
    console.error(error);
    return 3;
  } finally {
    bench.close();
  }
}

function readArguments(args: readonly string[]): Asked | string {
  const names = [...SCENARIOS, ...PEER_SCENARIOS].map(({ name }) => name);
  try {
    const options = {
      peers: { type: "boolean" },
      profile: { type: "boolean" },
      rounds: { type: "string" },
    } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const unknown = positionals.find((name) => !names.includes(name));
    if (unknown !== undefined) return `there is no scenario ${unknown}; there are ${names.join(", ")}`;
    const roundsCount = values.rounds === undefined ? undefined : Number(values.rounds);
    if (roundsCount !== undefined && !(Number.isInteger(roundsCount) && roundsCount > 0)) {
      return `--rounds takes a number from 1, not ${values.rounds}`;
    }
    const all = values.peers ? PEER_SCENARIOS : SCENARIOS;
    const named = [...SCENARIOS, ...PEER_SCENARIOS].filter(({ name }) => positionals.includes(name));
    const isWhole = positionals.length === 0 && roundsCount === undefined;
    const page = isWhole ? (values.peers ? "PEERS.md" : "RESULTS.md") : undefined;
    const scenarios = positionals.length === 0 ? all : named;
    return { scenarios, page, profiles: values.profile ?? false, roundsCount };
  } catch (error) {
    return error instanceof Error ? error.message : String(error); // what parseArgs says of an unknown option
  }
}

async function measure(bench: Bench, { scenarios, page, roundsCount }: Asked): Promise<number> {
  const machine = describeMachine(bench);
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) results.push(await runScenario(bench, scenario, roundsCount));
  if (page) {
    const date = new Date().toISOString().slice(0, 10);
    const command = page === "PEERS.md" ? "npm run bench -- --peers" : "npm run bench";
    writeFileSync(join(ROOT, "benchmarks", page), resultsPage({ results, machine, date, command }));
    console.log(`\nwritten to benchmarks/${page}`);
  }
  const isMissed = results.some(({ compared }) => compared.some(({ verdict }) => verdict === "not met"));
  return isMissed ? 1 : 0;
}

async function runScenario(bench: Bench, scenario: Scenario, roundsCount?: number): Promise<ScenarioResult> {
  const { title, method } = scenario;
  console.log(`\n${scenario.name}: ${title}`);
  const deadline = performance.now() + SCENARIO_MS_MAX;
  const rig = await scenario.open(bench);
  try {
    const note = (line: string) => console.log(`  ${line}`);
    for (const line of rig.left ?? []) note(line);
    const tried = await runRig(rig, { ...scenario, ...(roundsCount && { roundsCount }), deadline, note });
    for (const compared of tried.compared) note(resultLine(compared));
    return { title, method, ...tried, ...(rig.left && { left: rig.left }) };
  } finally {
    await rig.close();
  }
}

async function profile(bench: Bench, { scenarios, roundsCount = PROFILED_ROUNDS_COUNT }: Asked): Promise<number> {
  for (const scenario of scenarios) {
    const profileDir = join(bench.workDir, `profiles-${scenario.name}`);
    await runScenario({ ...bench, profileDir }, scenario, roundsCount);
    for (const label of readdirSync(profileDir)) {
      console.log(`\n${label}: ${showSelfTimes(readProfiles(join(profileDir, label)), ROOT)}`);
    }
  }
  return 0;
}
