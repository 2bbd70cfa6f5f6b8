/** Lifecycle rules as they are put and kept, by the members of S3's model, and what they say of one version. */

export interface LifecycleConfiguration {
  readonly Rules: readonly LifecycleRule[];
  readonly TransitionDefaultMinimumObjectSize?: "varies_by_storage_class" | "all_storage_classes_128K";
}

export interface LifecycleRule {
  readonly ID: string;
  readonly Status: "Enabled" | "Disabled";
  /** The older way to say which objects are meant. */
  readonly Prefix?: string;
  readonly Filter?: LifecycleFilter;
  /** `Date` in epoch milliseconds. */
  readonly Expiration?: {
    readonly Days?: number;
    readonly Date?: number;
    readonly ExpiredObjectDeleteMarker?: boolean;
  };
  readonly NoncurrentVersionExpiration?: {
    readonly NoncurrentDays?: number;
    readonly NewerNoncurrentVersions?: number;
  };
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation?: number };
}

/** One condition, or several in `And`. */
export interface LifecycleFilter extends LifecycleSizes {
  readonly Prefix?: string;
  readonly Tag?: LifecycleTag;
  readonly And?: LifecycleSizes & { readonly Prefix?: string; readonly Tags?: readonly LifecycleTag[] };
}

interface LifecycleSizes {
  /** Unit: bytes. */
  readonly ObjectSizeGreaterThan?: number;
  readonly ObjectSizeLessThan?: number;
}

interface LifecycleTag {
  readonly Key: string;
  readonly Value: string;
}

/** What a filter looks at. */
export interface Filtered {
  readonly key: string;
  readonly sizeBytes: number;
  readonly tags: Readonly<Record<string, string>>;
}

const DAY_MS = 24 * 3_600_000;

/** Whether a rule is for this object. */
export function concerns({ Prefix, Filter = {} }: LifecycleRule, { key, sizeBytes, tags }: Filtered): boolean {
  const { And = {} } = Filter;
  const prefix = Prefix ?? Filter.Prefix ?? And.Prefix ?? "";
  const above = Filter.ObjectSizeGreaterThan ?? And.ObjectSizeGreaterThan ?? -1;
  const below = Filter.ObjectSizeLessThan ?? And.ObjectSizeLessThan ?? Number.POSITIVE_INFINITY;
  const wanted = Filter.Tag ? [Filter.Tag] : (And.Tags ?? []);
  return (
    key.startsWith(prefix) &&
    sizeBytes > above &&
    sizeBytes < below &&
    wanted.every(({ Key, Value }) => Object.hasOwn(tags, Key) && tags[Key] === Value)
  );
}

/** Whether a current object's time is over. */
export function isExpired({ Expiration }: LifecycleRule, lastModified: number, now: number): boolean {
  if (Expiration?.Date !== undefined) return Expiration.Date <= now;
  return Expiration?.Days !== undefined && dueAt(lastModified, Expiration.Days) <= now;
}

/** Whether a delete marker that hides nothing any more is to go. */
export function isMarkerExpired(rule: LifecycleRule, lastModified: number, now: number): boolean {
  return rule.Expiration?.ExpiredObjectDeleteMarker === true || isExpired(rule, lastModified, now);
}

/** Whether a version's time is over that was replaced at `replacedAt` and has so many noncurrent ones that are newer. */
export function isNoncurrentExpired(
  { NoncurrentVersionExpiration: expiration }: LifecycleRule,
  replacedAt: number,
  newerCount: number,
  now: number,
): boolean {
  if (expiration?.NoncurrentDays === undefined) return false;
  const kept = expiration.NewerNoncurrentVersions ?? 0;
  return newerCount >= kept && dueAt(replacedAt, expiration.NoncurrentDays) <= now;
}

/** Whether an upload was left lying too long. */
export function isUploadExpired(rule: LifecycleRule, initiatedAt: number, now: number): boolean {
  const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
  return days !== undefined && dueAt(initiatedAt, days) <= now;
}

/** So many days later, at the next midnight in UTC. Source: S3 user guide, "Lifecycle rules: based on an object's age". */
function dueAt(at: number, days: number): number {
  return Math.ceil((at + days * DAY_MS) / DAY_MS) * DAY_MS;
}
