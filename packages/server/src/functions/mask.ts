/** Hides what must not be shown in a text. */
export type Mask = (text: string) => string;

const MASKED = "****";

/**
 * Makes a mask for secrets, such as secret keys and session tokens, also where they stand percent-encoded, as in the
 * query of a presigned URL. It costs a search for each secret; a text without a percent sign is searched once.
 */
export function createMask(secrets: readonly string[]): Mask {
  let encoded: readonly string[] | undefined;
  return (text) => {
    let shown = text;
    for (const secret of secrets) if (shown.includes(secret)) shown = shown.replaceAll(secret, MASKED);
    if (!text.includes("%")) return shown;
    encoded ??= secrets.map(encodeURIComponent);
    for (const secret of encoded) if (shown.includes(secret)) shown = shown.replaceAll(secret, MASKED);
    return shown;
  };
}
