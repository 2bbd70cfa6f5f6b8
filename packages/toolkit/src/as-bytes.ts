/** What a stream gives, as bytes. */
export const asBytes = (piece: Uint8Array | string) => (typeof piece === "string" ? Buffer.from(piece) : piece);
