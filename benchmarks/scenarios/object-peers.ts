import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { type Bench, ended, start } from "../bench.ts";
import type { Comparison, Goal } from "../measuring/compare.ts";
import type { Rig, Slice } from "../measuring/rounds.ts";
import { startProgram } from "../program.ts";
import type { ObjectStoreAnswer, ObjectStoreQuestion } from "../programs/object-store.ts";
import type { TransfersAnswer, TransfersQuestion } from "../programs/transfers.ts";
import type { Credentials } from "../sign.ts";
import type { Scenario } from "./scenario.ts";

const METHOD =
  "One connection, one request after the other, by the same client. Ours checks the signature and the hash of the body, encrypts, syncs and keeps a record before it answers.";

/** What nobody beats at serving files. */
export const nginxPeer: Scenario = {
  name: "objects-nginx",
  title: "S3: objects, against nginx",
  method: `${METHOD} nginx is one worker that takes files by WebDAV; it checks, encrypts and syncs nothing.`,
  roundsCount: 9,
  warmUpCount: 1,
  open: (bench) => open(bench, startNginx, NGINX_GOALS),
};

/** Another S3 in Node. */
export const s3rverPeer: Scenario = {
  name: "objects-s3rver",
  title: "S3: objects, against s3rver",
  method: `${METHOD} s3rver checks the signature and computes the MD5; it does not encrypt or sync.`,
  roundsCount: 9,
  warmUpCount: 1,
  open: (bench) => open(bench, startS3rver, S3RVER_GOALS),
};

interface Peer {
  readonly name: string;
  readonly port: number;
  /** Where its objects lie. */
  readonly path: string;
  readonly credentials?: Credentials;
  stop(): Promise<void>;
}

type Goals = Readonly<Partial<Record<string, Goal>>>;

const NGINX_GOALS: Goals = { "PUT 10 MB": { atLeast: 0.75 }, "GET 10 MB": { atLeast: 0.6 } };
const S3RVER_GOALS: Goals = {
  "PUT 1 KB": { atLeast: 1.8 },
  "GET 1 KB": { atLeast: 3 },
  "PUT 10 MB": { atLeast: 1.3 },
  "GET 10 MB": { atLeast: 1.3 },
};

const SIZES = [
  { label: "1 KB", bytes: 1024, unit: "/s", counts: { PUT: 200, GET: 400 } },
  { label: "10 MB", bytes: 10 * 1024 ** 2, unit: "MB/s", counts: { PUT: 6, GET: 10 } },
] as const;

const BYTES_OF_A_MEGABYTE = 1e6;

async function open(bench: Bench, startPeer: (bench: Bench) => Promise<Peer | string>, goals: Goals): Promise<Rig> {
  const peer = await startPeer(bench);
  if (typeof peer === "string") return { slices: [], comparisons: [], left: [peer], close: async () => {} };
  const program = (path: string) => new URL(path, import.meta.url);
  const store = startProgram<ObjectStoreQuestion, ObjectStoreAnswer>(bench, program("../programs/object-store.ts"));
  const client = startProgram<TransfersQuestion, TransfersAnswer>(bench, program("../programs/transfers.ts"));
  const { port, bucket } = await store.ask({ workDir: bench.workDir });
  const { credentials } = peer;
  const slices: Slice[] = [];
  const comparisons: Comparison[] = [];
  for (const { label, bytes: sizeBytes, unit, counts } of SIZES) {
    for (const method of ["PUT", "GET"] as const) {
      const name = `${method} ${label}`;
      const count = counts[method];
      const amount = unit === "/s" ? count : (count * sizeBytes) / BYTES_OF_A_MEGABYTE;
      const question = { method, sizeBytes, count };
      const askOurs = () => client.ask({ ...question, port, path: `/${bucket}/peer-${sizeBytes}` });
      const askPeer = () =>
        client.ask({
          ...question,
          port: peer.port,
          path: `${peer.path}${sizeBytes}`,
          ...(credentials && { credentials }),
        });
      const measured = (who: string, ask: () => Promise<TransfersAnswer>): Slice => ({
        name: `${name} ${who}`,
        run: async () => ({ [`${name} ${who}`]: (amount / (await ask()).ms) * 1000 }),
      });
      // What is fetched in the first round has to be there.
      if (method === "PUT") for (const ask of [askOurs, askPeer]) await ask();
      slices.push(measured("peer", askPeer), measured("ours", askOurs), measured("peer again", askPeer));
      const goal = goals[name];
      comparisons.push({
        label: `${method} of ${label}, against ${peer.name}`,
        ours: `${name} ours`,
        floor: `${name} peer`,
        twins: [`${name} peer`, `${name} peer again`],
        unit,
        ...(goal && { goal }),
      });
    }
  }
  return {
    slices,
    comparisons,
    close: async () => void (await Promise.all([peer.stop(), store.stop(), client.stop()])),
  };
}

async function startNginx(bench: Bench): Promise<Peer | string> {
  const dirs = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const program = dirs.map((dir) => join(dir, "nginx")).find(existsSync);
  if (program === undefined) return "nginx is not installed here: nothing of this is measured.";
  const dir = join(bench.workDir, "nginx");
  mkdirSync(join(dir, "data"), { recursive: true });
  const port = await freePort();
  const conf = join(dir, "nginx.conf");
  writeFileSync(conf, nginxConf(dir, port));
  const child = start(bench, program, ["-p", dir, "-e", join(dir, "error.log"), "-c", conf], {});
  await untilListening(port);
  const stop = async () => {
    child.kill("SIGTERM");
    await ended(child);
  };
  return { name: "nginx", port, path: "/", stop };
}

/** The user is whoever runs this: started by root, nginx would have its worker be someone who may not write here. */
function nginxConf(dir: string, port: number): string {
  const user = process.getuid?.() === 0 ? "user root; " : "";
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${dir}/temp;`,
  );
  return `${user}daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 64; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; client_max_body_size 0;
  ${temporary.join(" ")}
  server { listen 127.0.0.1:${port}; root ${dir}/data; location / { dav_methods PUT; } }
}
`;
}

const S3RVER = "s3rver@3.7.1";
const BUCKET = "peer-bucket";

/** Not among the packages of the checkout: it is fetched into the folder of the bench, which is removed in the end. */
async function startS3rver(bench: Bench): Promise<Peer | string> {
  const dir = join(bench.workDir, "s3rver");
  mkdirSync(dir, { recursive: true });
  const install = ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", dir, S3RVER];
  try {
    await promisify(execFile)("npm", install, { cwd: dir }); // with the caller's environment: it knows the way to the registry
  } catch {
    return `${S3RVER} could not be fetched: nothing of this is measured.`;
  }
  const args = [join(dir, "node_modules", "s3rver"), join(dir, "data"), BUCKET];
  const url = new URL("../floors/s3rver.cjs", import.meta.url);
  const program = startProgram<object, { readonly port: number }>(bench, url, { args });
  const { port } = await program.ask({});
  const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
  return { name: "s3rver", port, path: `/${BUCKET}/`, credentials, stop: () => program.stop() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Unit: milliseconds. */
const LISTENING_MS_MAX = 5_000;

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + LISTENING_MS_MAX;
  while (!(await isListening(port))) {
    if (performance.now() > deadline) throw new Error(`Nothing listens on port ${port}.`);
    await pause(10);
  }
}

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host: "127.0.0.1" });
  socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
