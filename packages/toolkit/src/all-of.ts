import { JobFailed } from "./failure.ts";

/** All bytes of a stream, of at most so many. Errors: `JobFailed` when there are more; those of the stream. */
export async function allOf(stream: AsyncIterable<Uint8Array>, bytesMax = Number.MAX_VALUE): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes > bytesMax) throw new JobFailed(`It has more than ${bytesMax} bytes, too many to read at once.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
