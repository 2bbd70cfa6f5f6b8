/** A debugger for Python, as far as a test needs one: the Debug Adapter Protocol over a socket. */
import { connect, type Socket } from "node:net";

/** What debugpy says: an answer to a request, or an event. */
export interface Message {
  readonly type: "response" | "event";
  readonly command?: string;
  readonly event?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface DebugAdapter {
  send(command: string, args?: object): void;
  /** The first message, come or to come, that answers a command or tells of an event. */
  told(name: string): Promise<Message>;
}

/** A refused connection takes a tenth of a millisecond, and debugpy a second or two until it listens. */
const ASKED_MAX = 200_000;

/** Connects to debugpy, which listens soon after its process was started. */
export async function attachTo(port: number): Promise<DebugAdapter> {
  const socket = await connected(port);
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  let sequence = 0;
  readMessages(socket, (message) => {
    messages.push(message);
    for (const look of waiting) look();
  });
  return {
    send(command, args = {}) {
      const body = JSON.stringify({ seq: ++sequence, type: "request", command, arguments: args });
      socket.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    },
    told: (name) =>
      new Promise((resolve) => {
        const look = () => {
          const found = messages.find(({ command, event }) => command === name || event === name);
          if (found && waiting.delete(look)) resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

async function connected(port: number): Promise<Socket> {
  for (let asked = 0; asked < ASKED_MAX; asked++) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    if (isOpen) return socket;
    await new Promise((next) => setImmediate(next));
  }
  throw new Error("nobody listens on the debugger's port");
}

function readMessages(socket: Socket, take: (message: Message) => void): void {
  let bytes = Buffer.alloc(0);
  socket.on("data", (part: Buffer) => {
    bytes = Buffer.concat([bytes, part]);
    for (let end = bytes.indexOf("\r\n\r\n"); end >= 0; end = bytes.indexOf("\r\n\r\n")) {
      const length = Number(/Content-Length: (\d+)/.exec(bytes.toString("utf8", 0, end))?.[1]);
      if (bytes.length < end + 4 + length) return;
      take(JSON.parse(bytes.toString("utf8", end + 4, end + 4 + length)) as Message); // the protocol
      bytes = bytes.subarray(end + 4 + length);
    }
  });
}
