import { appendFileSync } from "node:fs";

/** Notes what a function did for a job where a test counts it, whoever is killed. */
export function note(jobId: string, phase: "invoked" | "reported"): void {
  const file = process.env["LEDGER"];
  if (!file) throw new Error("LEDGER names no file.");
  appendFileSync(file, `${jobId} ${phase} ${process.pid}\n`);
  console.log(`${phase} ${jobId}`);
}
