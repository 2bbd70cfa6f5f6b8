import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { killGroup } from "./function-process.ts";
import { BARE, RUNTIME_STDIO } from "./head-start.ts";
import type { RuntimeCommand } from "./runtime-command.ts";

/*
 * A process that forks others, and the server's side of what is said with it (`penstock_forks.py`).
 *
 * Node can hand no descriptor to a process that runs already, so a child comes for its own: it is asked for by a token
 * over the parent's descriptor 3, connects three times to a socket in a folder that only this user can enter, and says
 * its token, which descriptor the connection becomes, and its id. Then it waits for its environment. The parent says
 * how each child ended, which it alone is told. When it ends itself, its children are killed, since nobody would be
 * told any more. It holds no credentials and nothing of a function.
 */
export interface ForkParent {
  /** Top names of the modules that it has imported; absent until it is ready, and when it has ended. */
  readonly modules: ReadonlySet<string> | undefined;
  /** Gives an environment to a spare, if there is one. */
  take(env: Readonly<Record<string, string>>): ForkedProcess | undefined;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

/** A process that was forked, and has its environment. */
export interface ForkedProcess {
  readonly pid: number;
  readonly output: Socket;
  readonly api: Socket;
  readonly lifeline: Socket;
  /** What it holds of its parent beyond what a process of its own would. Unit: mebibytes. */
  readonly sharedMb: number;
  /** Resolves when it ended. What it wrote may still be on its way. */
  readonly exit: Promise<ForkExit>;
}

export interface ForkExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a parent is told in its arguments; `runtimes/` knows it too. */
const FORKS = "--forks";
/** What it imports. */
const MODULES = ["boto3", "penstock_redirect"];
/** Spares that wait. Source: our choice; one may be taken while another is being made. */
const SPARES_COUNT = 2;

/** In a longer one a socket would have too long a path. Source: unix(7), `sun_path`, 104 bytes on some systems. */
const WORK_DIR_CHARACTERS_MAX = 70;

/** Starts one for a command, with its socket in a folder of its own in `workDir`. */
export function startForkParent(command: RuntimeCommand, workDir: string): ForkParent {
  const dir = mkdtempSync(join(workDir.length > WORK_DIR_CHARACTERS_MAX ? tmpdir() : workDir, "penstock-forks-"));
  const path = join(dir, "socket");
  const children = createChildren();
  const server = listen(path, children.connected);
  const parent = spawnParent(command, path);
  const control = parent.stdio[3];
  const ask = () => void (control instanceof Duplex && control.write(`fork ${children.expect()}\n`));
  let ready: { readonly modules: ReadonlySet<string>; readonly sharedMb: number } | undefined;
  followLines(control, (line) => {
    const [word = "", first = "", second = ""] = line.split(" ", 3);
    if (word === "exit") return children.ended(Number(first), toExit(Number(second)));
    ready = { sharedMb: Number(first) / 1024, modules: new Set(second.split(",")) };
    for (let count = 0; count < SPARES_COUNT; count++) ask();
  });
  const gone = Promise.withResolvers<void>();
  const finish = () => {
    ready = undefined;
    server.close();
    children.killAll();
    rmSync(dir, { recursive: true, force: true });
    gone.resolve();
  };
  server.once("error", () => killGroup(parent.pid)); // such as a path that is too long for a socket
  parent.once("error", finish);
  parent.once("exit", finish);
  return {
    get modules() {
      return ready?.modules;
    },
    take(env) {
      const spare = ready && children.takeSpare();
      if (!spare) return undefined;
      ask();
      spare.api.write(`${JSON.stringify(env)}\n`);
      return { ...spare, sharedMb: ready?.sharedMb ?? 0 };
    },
    stop() {
      killGroup(parent.pid);
      return gone.promise;
    },
  };
}

function spawnParent({ file, args, variables }: RuntimeCommand, path: string): ChildProcess {
  const parent = spawn(file, [...args, FORKS, path, ...MODULES], {
    cwd: "/",
    env: { ...BARE, PATH: process.env["PATH"] ?? "", ...variables },
    detached: true,
    stdio: [...RUNTIME_STDIO],
  });
  // Pipes and not `ignore`: Python keeps what kind of file its output is, and a child's cannot be rewound.
  for (const output of [parent.stdout, parent.stderr]) output?.resume();
  for (const stream of parent.stdio) stream?.on("error", () => {}); // its end is told by the exit
  return parent;
}

type Spare = Omit<ForkedProcess, "sharedMb">;

interface Children {
  /** Makes the token of one more. */
  expect(): string;
  /** One of them connected and said who it is. */
  connected(line: string, socket: Socket): void;
  ended(pid: number, exit: ForkExit): void;
  takeSpare(): Spare | undefined;
  killAll(): void;
}

/** By the descriptor that each connection becomes in the child. */
const OUTPUT = "1";
const API = "3";
const LIFELINE = "4";

function createChildren(): Children {
  /** Those that have not connected three times yet, by token. */
  const expected = new Map<string, Map<string, Socket>>();
  /** Those that ended before their connections were read. */
  const stillborn = new Set<number>();
  const exits = new Map<number, PromiseWithResolvers<ForkExit>>();
  const spares: Spare[] = [];
  const ended = (pid: number, exit: ForkExit) => {
    const told = exits.get(pid);
    if (!told) return void stillborn.add(pid);
    exits.delete(pid);
    told.resolve(exit);
    const index = spares.findIndex((spare) => spare.pid === pid);
    for (const { output, api, lifeline } of index < 0 ? [] : spares.splice(index, 1)) close([output, api, lifeline]);
  };
  return {
    ended,
    expect() {
      const token = randomBytes(16).toString("hex");
      expected.set(token, new Map());
      return token;
    },
    connected(line, socket) {
      const [token = "", descriptor = "", id = ""] = line.split(" ");
      const sockets = expected.get(token)?.set(descriptor, socket);
      if (!sockets) return void socket.destroy();
      const [output, api, lifeline] = [sockets.get(OUTPUT), sockets.get(API), sockets.get(LIFELINE)];
      if (!output || !api || !lifeline) return;
      expected.delete(token);
      const pid = Number(id);
      if (stillborn.delete(pid)) return close(sockets.values());
      const exit = Promise.withResolvers<ForkExit>();
      exits.set(pid, exit);
      spares.push({ pid, output, api, lifeline, exit: exit.promise });
    },
    takeSpare: () => spares.shift(),
    killAll() {
      for (const sockets of expected.values()) close(sockets.values());
      for (const pid of [...exits.keys()]) {
        killGroup(pid);
        ended(pid, { code: null, signal: "SIGKILL" });
      }
    },
  };
}

function close(sockets: Iterable<Socket>): void {
  for (const socket of sockets) socket.destroy();
}

/** Tells the first line of each connection; what follows it is left unread. */
function listen(path: string, connected: (line: string, socket: Socket) => void): Server {
  const server = createServer((socket) => {
    socket.on("error", () => {}); // its end is told by the exit
    let said = "";
    const read = () => {
      for (let byte: Buffer | null = socket.read(1); byte !== null; byte = socket.read(1)) {
        if (byte[0] !== NEWLINE) {
          said += byte.toString("latin1");
          continue;
        }
        socket.off("readable", read);
        connected(said, socket);
        return;
      }
    };
    socket.on("readable", read);
  });
  return server.listen(path).unref();
}

const NEWLINE = 10;

function followLines(stream: ChildProcess["stdio"][number] | undefined, take: (line: string) => void): void {
  if (!(stream instanceof Duplex)) return;
  let rest = "";
  stream.setEncoding("latin1").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
}

/** Source: wait(2), `WIFEXITED` and the like. */
function toExit(status: number): ForkExit {
  const number = status & 0x7f;
  if (number === 0) return { code: (status >> 8) & 0xff, signal: null };
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return { code: null, signal: (name ?? "SIGKILL") as NodeJS.Signals }; // a name of that very table
}
