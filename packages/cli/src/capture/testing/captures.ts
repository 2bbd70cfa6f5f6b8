/** Captures made by hand, and a port for a debugger. */
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { folder } from "./penstock.ts";

/** A capture of a job of one function, which may run for a second. */
export function captureFile(runtime: string, codeDir: string): string {
  const configuration = { FunctionName: "app" };
  const data = { actionConfiguration: { configuration }, inputArtifacts: [], outputArtifacts: [] };
  const called = { name: "app", runtime, handler: "app.handler", codeDir, timeoutSeconds: 1, memoryMb: 256 };
  const capture = {
    penstockCapture: 1,
    event: { "CodePipeline.job": { id: "1", accountId: "000000000000", data } },
    artifacts: [],
    job: null,
    function: { ...called, environmentNames: [] },
  };
  const file = join(folder(), "job.json");
  writeFileSync(file, JSON.stringify(capture));
  return file;
}

/** A port that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo; // it listens on a port
  await new Promise((done) => server.close(done));
  return port;
}
