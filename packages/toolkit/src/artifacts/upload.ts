import { PART_BYTES } from "../limits.ts";
import type { NewObject, ObjectStore, UploadedPart, UploadPlace } from "../surroundings.ts";

/** An object that is written piece by piece, and is there, whole, only after `end`. */
export interface Upload {
  /** The bytes may be used again when this resolves. */
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Gives up what was written. Nothing happens after `end`. */
  abort(): Promise<void>;
}

const CHECKED = { ChecksumAlgorithm: "CRC32" } as const;

/**
 * Begins to write an object. What is smaller than a part is sent in one request; the rest in parts, one at a time,
 * while the next fills.
 */
export function startUpload(store: ObjectStore, object: NewObject): Upload {
  let part = Buffer.allocUnsafe(PART_BYTES); // takes memory as it fills
  let heldBytes = 0;
  let upload: UploadPlace | undefined;
  let isOver = false;
  const parts: UploadedPart[] = [];
  let sending: Promise<void> = Promise.resolve();

  const sendPart = async (Body: Buffer) => {
    const calls = await store();
    upload ??= { ...object, UploadId: (await calls.createMultipartUpload({ ...object, ...CHECKED })).UploadId };
    const PartNumber = parts.length + 1;
    const { ETag, ChecksumCRC32 } = await calls.uploadPart({ ...upload, PartNumber, Body, ...CHECKED });
    parts.push({ ETag, PartNumber, ChecksumCRC32 });
  };
  const flush = async () => {
    const body = part.subarray(0, heldBytes);
    part = Buffer.allocUnsafe(PART_BYTES);
    heldBytes = 0;
    await sending;
    sending = sendPart(body);
    sending.catch(() => {}); // whoever writes next, or ends, gets it
  };
  return {
    async write(bytes) {
      if (isOver) throw new Error("The upload is over.");
      for (let start = 0; start < bytes.length; ) {
        const piece = bytes.subarray(start, start + PART_BYTES - heldBytes);
        part.set(piece, heldBytes);
        heldBytes += piece.length;
        start += piece.length;
        if (heldBytes === PART_BYTES) await flush();
      }
    },
    async end() {
      await sending;
      if (upload && heldBytes > 0) await flush();
      await sending;
      const calls = await store();
      await (upload
        ? calls.completeMultipartUpload({ ...upload, MultipartUpload: { Parts: parts } })
        : calls.putObject({ ...object, Body: part.subarray(0, heldBytes) }));
      isOver = true;
    },
    async abort() {
      if (isOver) return;
      isOver = true;
      await sending.catch(() => {}); // it is given up, whatever became of it
      if (upload) await (await store()).abortMultipartUpload(upload);
    },
  };
}
