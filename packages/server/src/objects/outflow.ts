import type { KeyObject } from "node:crypto";
import fs from "node:fs";
import { Readable } from "node:stream";
import type { Files } from "./files.ts";
import { passed } from "./memory.ts";
import type { ByteRange } from "./object-store.ts";
import { CHUNK_BYTES, fileKey, openChunk, SEALED_CHUNK_BYTES, TAG_BYTES } from "./seal.ts";

/** A file of an object, with how many plain bytes it holds. An object is its segments in order. */
export interface Segment {
  readonly file: string;
  readonly sizeBytes: number;
}

/** Ranges up to this size are read at once: that is faster than a stream, and bounded. Unit: bytes. */
const AT_ONCE_BYTES_MAX = CHUNK_BYTES;
/** How many chunks a stream reads from disk at a time. */
const READ_CHUNKS = 4;

/**
 * Answers the plain bytes of a range, as a Buffer when they are few. Every chunk is verified before any of
 * its bytes is given out. Files are held until the stream has ended or was destroyed.
 *
 * Errors: `ENOENT` when the first file is gone; the stream fails when a file is not what was written.
 */
export function readBytes(
  files: Files,
  dataKey: Buffer,
  segments: readonly Segment[],
  range: ByteRange | undefined,
): Readable | Buffer {
  const pieces = piecesOf(segments, range);
  const wanted = pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0);
  if (wanted === 0) return Buffer.alloc(0);
  if (wanted <= AT_ONCE_BYTES_MAX) return Buffer.concat(pieces.map((piece) => readPieceAtOnce(files, dataKey, piece)));
  return streamPieces(files, dataKey, pieces);
}

/** Part of a segment: plain bytes from `start` to before `end`. */
interface Piece extends Segment {
  readonly start: number;
  readonly end: number;
}

function piecesOf(segments: readonly Segment[], range: ByteRange | undefined): Piece[] {
  const pieces: Piece[] = [];
  const from = range?.start ?? 0;
  const to = range ? range.end + 1 : Number.POSITIVE_INFINITY;
  let at = 0;
  for (const segment of segments) {
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, segment.sizeBytes);
    if (start < end) pieces.push({ ...segment, start, end });
    at += segment.sizeBytes;
  }
  return pieces;
}

function readPieceAtOnce(files: Files, dataKey: Buffer, piece: Piece): Buffer {
  const fd = files.open(piece.file);
  try {
    const first = Math.floor(piece.start / CHUNK_BYTES);
    const count = Math.ceil(piece.end / CHUNK_BYTES) - first;
    const sealed = Buffer.allocUnsafe(sealedLength(piece, first, count));
    const read = fs.readSync(fd, sealed, 0, sealed.length, first * SEALED_CHUNK_BYTES);
    if (read < sealed.length) throw damaged(piece.file);
    return Buffer.concat(openChunks(fileKey(dataKey, piece.file), piece, first, sealed));
  } finally {
    files.release(piece.file, fd);
  }
}

/** How long so many chunks are in the file; the file's last one may be short. */
function sealedLength(piece: Piece, first: number, count: number): number {
  const plain = Math.min(count * CHUNK_BYTES, piece.sizeBytes - first * CHUNK_BYTES);
  return plain + count * TAG_BYTES;
}

/** Opens consecutive chunks and cuts off what the piece does not want. */
function openChunks(key: KeyObject, piece: Piece, first: number, sealed: Buffer): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0, chunk = first; at < sealed.length; at += SEALED_CHUNK_BYTES, chunk += 1) {
    const plain = openOrFail(key, piece.file, chunk, sealed.subarray(at, at + SEALED_CHUNK_BYTES));
    const before = chunk * CHUNK_BYTES;
    out.push(plain.subarray(Math.max(piece.start - before, 0), Math.min(piece.end - before, plain.length)));
  }
  return out;
}

function openOrFail(key: KeyObject, file: string, chunk: number, sealed: Buffer): Buffer {
  try {
    return openChunk(key, chunk, sealed);
  } catch (cause) {
    throw damaged(file, cause);
  }
}

function damaged(file: string, cause?: unknown): Error {
  return new Error(`Artifact file ${file} is damaged: its bytes are not those that were written.`, { cause });
}

/** A stream over the pieces, one file open at a time. The first is open before this returns. */
function streamPieces(files: Files, dataKey: Buffer, pieces: readonly Piece[]): Readable {
  const names = pieces.map((piece) => piece.file);
  let index = 0;
  let cursor = openCursor(files, dataKey, pieceAt(pieces, 0));
  let destroyed = false;
  // All of them are held, so that a deletion in the meantime does not cut the stream.
  files.hold(names);

  const readNext = async (): Promise<Buffer[] | undefined> => {
    const plain = await cursor.next();
    if (plain) return plain;
    index += 1;
    if (index === pieces.length || destroyed) return undefined;
    cursor.close();
    cursor = openCursor(files, dataKey, pieceAt(pieces, index));
    return readNext();
  };
  return new Readable({
    highWaterMark: READ_CHUNKS * CHUNK_BYTES,
    read() {
      readNext().then(
        (plain) => {
          if (!plain) this.push(null);
          else for (const buffer of plain) this.push(buffer);
        },
        (error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      destroyed = true;
      // A read may be under way; its descriptor must stay open until it is back.
      cursor.stop().then(() => {
        cursor.close();
        files.letGo(names);
        done(error);
      });
    },
  });
}

function pieceAt(pieces: readonly Piece[], index: number): Piece {
  const piece = pieces[index];
  if (!piece) throw new RangeError(`no piece ${index}`);
  return piece;
}

interface Cursor {
  /** The next plain bytes, or nothing at the piece's end. */
  next(): Promise<Buffer[] | undefined>;
  /** Begins no further read; resolves when the one under way is back. */
  stop(): Promise<void>;
  close(): void;
}

/** The next stretch is read while the one before is opened and sent: a read waits for a thread, not for a disk alone. */
function openCursor(files: Files, dataKey: Buffer, piece: Piece): Cursor {
  const fd = files.open(piece.file);
  const key = fileKey(dataKey, piece.file);
  const end = Math.ceil(piece.end / CHUNK_BYTES);
  let chunk = Math.floor(piece.start / CHUNK_BYTES);
  const spaceBytes = sealedLength(piece, chunk, Math.min(READ_CHUNKS, end - chunk));
  // Two in turn for all reads: the opened chunks are copies, so nothing of a stretch is needed once it is opened.
  let space = Buffer.allocUnsafeSlow(spaceBytes);
  let otherSpace = end - chunk > READ_CHUNKS ? Buffer.allocUnsafeSlow(spaceBytes) : space;
  const readStretch = async (): Promise<Stretch | undefined> => {
    if (chunk >= end) return undefined;
    const first = chunk;
    const count = Math.min(READ_CHUNKS, end - first);
    const sealed = space.subarray(0, sealedLength(piece, first, count));
    [space, otherSpace] = [otherSpace, space];
    chunk += count;
    if ((await readFully(fd, sealed, first * SEALED_CHUNK_BYTES)) < sealed.length) throw damaged(piece.file);
    return { first, sealed };
  };
  const readAhead = () => {
    const read = readStretch();
    read.catch(noValue); // a failure counts when the stretch is asked for
    return read;
  };
  let reading = readAhead();
  let closed = false;
  return {
    async next() {
      const stretch = await reading;
      if (!stretch) return undefined;
      reading = readAhead();
      passed(stretch.sealed.length);
      return openChunks(key, piece, stretch.first, stretch.sealed);
    },
    stop() {
      chunk = end;
      return reading.then(noValue, noValue);
    },
    close() {
      if (!closed) files.release(piece.file, fd);
      closed = true;
    },
  };
}

/** Chunks that were read together. */
interface Stretch {
  readonly first: number;
  readonly sealed: Buffer;
}

function readFully(fd: number, into: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) =>
    fs.read(fd, into, 0, into.length, position, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  );
}

function noValue(): void {}
