/**
 * `npm run check`: what the machine can say about the code without running it. All checks run, so that one pass shows
 * every complaint; a summary of one line each ends it. Exit status: 0 all fine, 1 otherwise.
 */
import { spawnSync } from "node:child_process";

const CHECKS = [
  { name: "types", command: ["tsc"] },
  { name: "style", command: ["biome", "ci", "--error-on-warnings", "--colors=off"] },
  { name: "unused", command: ["knip", "--no-progress", "--no-config-hints"] },
];

const results = CHECKS.map(({ name, command: [program, ...args] }) => {
  const startedAt = performance.now();
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (error) console.error(`${program}: ${error.message}`);
  return { name, program, passed: status === 0, seconds: (performance.now() - startedAt) / 1000 };
});

for (const { name, program, passed, seconds } of results) {
  console.log(`check: ${name.padEnd(6)} ${passed ? "ok    " : "FAILED"} (${program}, ${seconds.toFixed(1)} s)`);
}
process.exitCode = results.every((result) => result.passed) ? 0 : 1;
