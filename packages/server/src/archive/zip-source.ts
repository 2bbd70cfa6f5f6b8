import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";

/** The bytes of a zip, wherever they are. Reads are synchronous: they come from the page cache, and are small. */
export interface ZipSource {
  /** What messages call it. */
  readonly label: string;
  readonly sizeBytes: number;
  /** The bytes from `start`, fewer where the zip ends. Only valid until the next read. */
  read(start: number, lengthBytes: number): Buffer;
  /** The bytes of `[start, end)`. */
  stream(start: number, end: number): Readable;
  close(): void;
}

/** Opens a zip by its path, or takes it from memory. */
export function openZipSource(source: string | Buffer): ZipSource {
  return typeof source === "string" ? fileSource(source) : bufferSource(source);
}

function bufferSource(bytes: Buffer): ZipSource {
  return {
    label: "the uploaded file",
    sizeBytes: bytes.length,
    read: (start, lengthBytes) => bytes.subarray(start, start + lengthBytes),
    stream: (start, end) => Readable.from([bytes.subarray(start, end)]),
    close: () => {},
  };
}

/** Bytes of a window of the file that is read at once, so that many small reads cost few system calls. */
const WINDOW_BYTES = 256 * 1024;

function fileSource(path: string): ZipSource {
  const fd = openSync(path, "r");
  const { size } = fstatSync(fd);
  let window: Buffer = Buffer.allocUnsafe(0);
  let windowStart = 0;
  return {
    label: path,
    sizeBytes: size,
    read(start, lengthBytes) {
      const wanted = Math.max(0, Math.min(lengthBytes, size - start));
      if (start < windowStart || start + wanted > windowStart + window.length) {
        window = readAt(fd, start, Math.min(size - start, Math.max(wanted, WINDOW_BYTES)));
        windowStart = start;
      }
      return window.subarray(start - windowStart, start - windowStart + wanted);
    },
    stream: (start, end) =>
      start === end
        ? Readable.from([])
        : createReadStream(path, { fd, autoClose: false, start, end: end - 1, highWaterMark: WINDOW_BYTES }),
    close: () => closeSync(fd),
  };
}

function readAt(fd: number, start: number, lengthBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, lengthBytes));
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(fd, bytes, filled, bytes.length - filled, start + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
