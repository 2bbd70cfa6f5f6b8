import type { PolicyDocument, PolicyStatement } from "../../identity/identity.ts";

/** Conditions that make a statement for some, if what they compare with is fixed. Source: S3 user guide, "The meaning of public". */
const NARROWING =
  /^(aws:(PrincipalOrgID|PrincipalOrgPaths|PrincipalArn|PrincipalAccount|SourceIp|SourceArn|SourceVpc|SourceVpce|SourceOwner|SourceAccount|SourceOrgID|userid)|s3:(DataAccessPointArn|DataAccessPointAccount|x-amz-server-side-encryption-aws-kms-key-id))$/i;

/** Operators that hold for what is not named, or when nothing is there. */
const NOT_NARROWING = /Not|Null|IfExists$/i;

/** Whether a policy lets in just anybody. */
export function isPublic({ Statement }: PolicyDocument): boolean {
  return Statement.some((one) => one.Effect === "Allow" && isForAnybody(one) && !isNarrowed(one));
}

function isForAnybody({ Principal, NotPrincipal }: PolicyStatement): boolean {
  if (NotPrincipal !== undefined) return true;
  if (Principal === "*") return true;
  return [Principal?.["AWS"] ?? []].flat().includes("*");
}

function isNarrowed({ Condition = {} }: PolicyStatement): boolean {
  return Object.entries(Condition).some(
    ([operator, keys]) =>
      !NOT_NARROWING.test(operator) &&
      Object.entries(keys).some(([key, values]) => NARROWING.test(key) && [values].flat().every(isFixed)),
  );
}

function isFixed(value: string | number | boolean): boolean {
  const text = String(value);
  return text !== "*" && text !== "0.0.0.0/0" && text !== "::/0" && !text.includes("${");
}
