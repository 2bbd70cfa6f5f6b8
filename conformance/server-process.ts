import { startServer } from "@penstock/server";

/* A server in a process of its own, for what can only be seen from outside of it: `node server-process.ts <data folder>`. */

const server = await startServer({ dataDir: process.argv[2] ?? "", timing: "fast" });
process.on("SIGTERM", () => void server.stop());
console.log(server.url);
