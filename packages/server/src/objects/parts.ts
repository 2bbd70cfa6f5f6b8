import { type PartRow, partsAfter } from "../store/object.ts";
import type { Reader } from "../store/store.ts";

/** The most parts of an upload. Source: S3 user guide, "Amazon S3 multipart upload limits". */
export const PARTS_COUNT_MAX = 10_000;

/** All parts of an upload, or of the object that it became, in order. */
export function partsOfUpload(reader: Reader, uploadId: string): Promise<readonly PartRow[]> {
  return reader.all(partsAfter, { upload_id: uploadId, after: 0, limit: PARTS_COUNT_MAX });
}

export async function filesOfUpload(reader: Reader, uploadId: string): Promise<readonly string[]> {
  const parts = await partsOfUpload(reader, uploadId);
  return parts.flatMap(({ file }) => file ?? []);
}
