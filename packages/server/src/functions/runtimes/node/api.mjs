// The Runtime API as a client: one HTTP/1.1 connection over an inherited socket, read with just what our own server
// sends, a Content-Length in every answer. The socket keeps the process alive while an answer is waited for.

import { Socket } from "node:net";

const API_FD = 3;

export const NEXT = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n";

const socket = new Socket({ fd: API_FD, readable: true, writable: true });

/** Reads one line, before anything is asked. */
export function readLine() {
  return new Promise((resolve) => {
    const parts = [];
    const onData = (chunk) => {
      parts.push(chunk);
      if (chunk.at(-1) !== 10) return; // The line is all that is sent, so its end is the end of a chunk.
      socket.off("data", onData);
      socket.pause();
      resolve(Buffer.concat(parts).toString());
    };
    socket.on("data", onData);
    socket.on("close", endWithServer);
  });
}

/** Called with the answers, in the order of the questions. */
const waiting = [];

export function send(requests, ...onReplies) {
  waiting.push(...onReplies);
  socket.ref();
  socket.write(requests);
}

export function post(path, errorType, json) {
  const type = errorType
    ? `Lambda-Runtime-Function-Error-Type: ${String(errorType).replace(/[^\x20-\x7e]/g, "?")}\r\n`
    : "";
  const head = `POST /2018-06-01/runtime/${path} HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n${type}`;
  return `${head}Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`;
}

export function listen() {
  let parts = [];
  let sizeBytes = 0;
  let neededBytes = 0;
  socket.on("data", (chunk) => {
    parts.push(chunk);
    sizeBytes += chunk.length;
    while (sizeBytes > 0 && sizeBytes >= neededBytes) {
      const data = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      const end = data.indexOf("\r\n\r\n");
      const headers = end < 0 ? undefined : parseHeaders(data.latin1Slice(0, end));
      neededBytes = headers ? end + 4 + Number(headers["content-length"] ?? 0) : data.length + 1;
      parts = [data];
      if (data.length < neededBytes) return;
      const body = data.subarray(end + 4, neededBytes);
      parts = [data.subarray(neededBytes)];
      sizeBytes = parts[0].length;
      neededBytes = 0;
      waiting.shift()?.({ headers, body });
    }
  });
  socket.resume();
  socket.on("error", endWithServer);
  socket.on("close", endWithServer);
  socket.unref();
}

function parseHeaders(head) {
  const headers = {};
  for (const line of head.split("\r\n").slice(1)) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

/** The server is gone, and with it everyone who could want an answer: whatever this function started ends with it. */
function endWithServer() {
  process.kill(0, "SIGKILL");
}

/** Lets the process end by itself while only a handler runs, which is how an empty event loop is noticed. */
export function letGo() {
  socket.unref();
}

export function isWaiting() {
  return waiting.length > 0;
}
