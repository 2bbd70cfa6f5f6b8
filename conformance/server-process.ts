import { type ServerOptions, startServer } from "@penstock/server";

/*
 * A server in a process of its own, for what can only be seen from outside of it:
 * `node server-process.ts <data folder> [options as JSON]`.
 */

const options = JSON.parse(process.argv[3] ?? "{}") as Partial<ServerOptions>; // a test wrote it
const server = await startServer({ dataDir: process.argv[2] ?? "", timing: "fast", ...options });
process.on("SIGTERM", () => void server.stop());
console.log(server.url);
