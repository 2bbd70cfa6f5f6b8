import { randomBytes } from "node:crypto";
import { invalidRequest } from "../../objects/errors.ts";
import type { LifecycleRule } from "../../objects/lifecycle-rules.ts";
import { invalidArgument, malformedXml, notServed } from "./errors.ts";
import { given } from "./given.ts";
import type { LifecycleRule as AskedRule } from "./shapes.generated.ts";

/** Source: S3 user guide, "Creating a lifecycle configuration". */
const RULES_COUNT_MAX = 1_000;
const ID_LENGTH_MAX = 255;
const ID_BYTES = 24;
const DAY_MS = 24 * 3_600_000;
const NEWER_VERSIONS_COUNT_MAX = 100;

/** What a bucket has that was told nothing else; it only matters for transitions. */
export const TRANSITION_SIZE_DEFAULT = "all_storage_classes_128K";

/** The rules as they are kept. Errors: `MalformedXML`, `InvalidRequest`, `InvalidArgument`, `NotImplemented`. */
export function checkedRules(asked: readonly AskedRule[]): readonly LifecycleRule[] {
  if (asked.length === 0 || asked.length > RULES_COUNT_MAX) throw malformedXml();
  const rules = asked.map(checkedRule);
  const ids = new Set(rules.map(({ ID }) => ID));
  if (ids.size < rules.length)
    throw invalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", "");
  return rules;
}

function checkedRule(rule: AskedRule): LifecycleRule {
  const { ID: id = randomBytes(ID_BYTES).toString("base64url"), Prefix, Filter, Status } = rule;
  const { NoncurrentVersionExpiration, AbortIncompleteMultipartUpload } = rule;
  refuseTransitions(rule);
  if (id.length > ID_LENGTH_MAX) throw invalidArgument("ID length should not exceed allowed limit of 255", "ID", id);
  if (Status !== "Enabled" && Status !== "Disabled") throw malformedXml();
  checkFilter(rule);
  checkActions(rule);
  checkExpiration(rule);
  checkTags(rule);
  const Expiration = rule.Expiration && given({ ...rule.Expiration, Date: rule.Expiration.Date?.getTime() });
  return {
    ID: id,
    Status,
    ...given({ Prefix, Filter, Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload }),
  };
}

function refuseTransitions({ Transitions = [], NoncurrentVersionTransitions = [] }: AskedRule): void {
  if (Transitions.length + NoncurrentVersionTransitions.length > 0)
    throw notServed("Lifecycle transitions", "there is one storage class only. Leave them out; expirations are served");
}

/** One way to say which objects are meant, with one condition unless they are in `And`. */
function checkFilter({ Prefix, Filter }: AskedRule): void {
  if ((Prefix === undefined) === (Filter === undefined)) throw malformedXml();
  if (Object.keys(Filter ?? {}).length > 1) throw malformedXml();
  const { And } = Filter ?? {};
  if (!And) return;
  const { Tags = [], ...others } = And;
  if (Tags.length + Object.keys(others).length < 2) throw malformedXml();
  if (new Set(Tags.map(({ Key }) => Key)).size < Tags.length)
    throw invalidRequest("Duplicate Tag Keys are not allowed.");
}

function checkActions({ Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload }: AskedRule): void {
  if (!Expiration && !NoncurrentVersionExpiration && !AbortIncompleteMultipartUpload)
    throw invalidRequest("At least one action needs to be specified in a rule");
  checkDays(
    NoncurrentVersionExpiration,
    NoncurrentVersionExpiration?.NoncurrentDays,
    "NoncurrentDays",
    "NoncurrentVersionExpiration",
  );
  checkDays(
    AbortIncompleteMultipartUpload,
    AbortIncompleteMultipartUpload?.DaysAfterInitiation,
    "DaysAfterInitiation",
    "AbortIncompleteMultipartUpload",
  );
  const kept = NoncurrentVersionExpiration?.NewerNoncurrentVersions;
  if (kept !== undefined && (kept < 1 || kept > NEWER_VERSIONS_COUNT_MAX))
    throw invalidArgument(
      "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be between 1 and 100",
      "NewerNoncurrentVersions",
      String(kept),
    );
}

function checkDays(action: object | undefined, days: number | undefined, name: string, actionName: string): void {
  if (!action) return;
  if (days === undefined) throw malformedXml();
  if (days < 1)
    throw invalidArgument(`'${name}' for ${actionName} action must be a positive integer`, name, String(days));
}

function checkExpiration({ Expiration }: AskedRule): void {
  if (!Expiration) return;
  const { Days, Date: date, ExpiredObjectDeleteMarker } = Expiration;
  if (Object.keys(Expiration).length !== 1) throw malformedXml();
  if (Days !== undefined) checkDays(Expiration, Days, "Days", "Expiration");
  if (date && date.getTime() % DAY_MS !== 0)
    throw invalidArgument("'Date' must be at midnight GMT", "Date", date.toISOString());
  if (ExpiredObjectDeleteMarker === false) throw malformedXml();
}

/** Delete markers and uploads have no tags. */
function checkTags({ Filter, Expiration, AbortIncompleteMultipartUpload }: AskedRule): void {
  if (!Filter?.Tag && !Filter?.And?.Tags) return;
  if (AbortIncompleteMultipartUpload)
    throw invalidRequest("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  if (Expiration?.ExpiredObjectDeleteMarker)
    throw invalidRequest("ExpiredObjectDeleteMarker cannot be specified with Tags.");
}
