import { ARTIFACT_ZIP_LIMITS, readZipEntries, type ZipEntry, type ZipLimits } from "./zip-entries.ts";
import { openZipSource } from "./zip-source.ts";

/** One line of a zip's listing. */
export type ListedEntry = Pick<ZipEntry, "path" | "type" | "mode" | "packedBytes" | "sizeBytes">;

/**
 * What is in a zip, sorted by path, without unpacking it.
 *
 * Errors: `InvalidZip`, as unpacking would refuse it for its directory; data and checksums are not looked at.
 */
export async function listZip(
  source: string | Buffer,
  limits: ZipLimits = ARTIFACT_ZIP_LIMITS,
): Promise<readonly ListedEntry[]> {
  const zip = openZipSource(source);
  try {
    const entries = await readZipEntries(zip, "its folder", limits);
    return entries
      .map(({ path, type, mode, packedBytes, sizeBytes }) => ({ path, type, mode, packedBytes, sizeBytes }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  } finally {
    zip.close();
  }
}
