import { inputWrong } from "../failure.ts";
import { readSource } from "../project/source-text.ts";
import { validate } from "../project/validate.ts";
import { captureSchema, type ReadCapture } from "./capture-schema.ts";

/** Reads a capture. Throws a `Failure` (exit status 2) for a file that is none, or one of a later form. */
export async function readCapture(file: string, version: number): Promise<ReadCapture> {
  const source = await readSource(file, file, CAPTURE_BYTES_MAX);
  const { value } = source;
  const given = typeof value === "object" && value !== null && "penstockCapture" in value ? value.penstockCapture : 0;
  if (given === 0) {
    throw inputWrong(
      `${file} is not a capture`,
      "Make one with penstock capture; of an event saved from AWS with: penstock capture --event FILE.",
    );
  }
  if (given !== version) {
    throw inputWrong(`${file} is a capture of form ${given}; this Penstock reads form ${version}`, "Capture it anew.");
  }
  return validate(captureSchema, source);
}

/** Ten artifacts of 10 MB in base64, and some more. Unit: bytes. */
const CAPTURE_BYTES_MAX = 160 * 1024 * 1024;
