/**
 * How long a policy of either sort may be, white space not counted, over all of a role's own.
 *
 * Unit: characters. Source: IAM user guide, "IAM and STS quotas".
 */
export const INLINE_POLICY_CHARS_MAX = 10_240;

/** As above, for the trust policy. */
export const TRUST_POLICY_CHARS_MAX = 2_048;

/** How many of AWS's policies may be attached to one role. Source: as above. */
export const ATTACHED_POLICIES_MAX = 10;

/** Seconds that a session may last when the role does not say. Source: IAM API reference, CreateRole. */
export const SESSION_SECONDS_DEFAULT = 3_600;

/** The length that quotas count. */
export function countedLength(document: string): number {
  return document.replace(/\s+/g, "").length;
}
