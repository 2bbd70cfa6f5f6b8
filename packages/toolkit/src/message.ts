import { MESSAGE_CHARACTERS_MAX } from "./limits.ts";

const ELLIPSIS = "…";

/**
 * Cuts a text so that it has at most `charactersMax` UTF-16 code units, never inside a character; what was cut ends
 * in `…`.
 */
export function cutText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  // The first half of a character beyond the basic plane is left out when the second half is cut off.
  return text.slice(0, charactersMax - ELLIPSIS.length).replace(/[\ud800-\udbff]$/, "") + ELLIPSIS;
}

/**
 * A failure's message as it is reported: without secrets, with the id under which Lambda's log knows the call, cut to
 * what the service takes. The id is never cut off.
 */
export function reportedMessage(text: string, requestId: string | undefined, secrets: readonly string[]): string {
  const safe = secrets.reduce((masked, secret) => (secret === "" ? masked : masked.replaceAll(secret, "***")), text);
  const suffix = requestId ? ` (Lambda request ${requestId})` : "";
  return cutText(safe, MESSAGE_CHARACTERS_MAX - suffix.length) + suffix;
}
