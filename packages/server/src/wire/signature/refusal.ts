import { ServiceError } from "../error.ts";

/**
 * Why a request's signature is not accepted. Each service says it in its own words and codes; the text of
 * a refusal is the one of the JSON services (reference §1.2), which the others share in part.
 */
export type RefusalReason =
  | "twoSignatures"
  | "noSignature"
  | "incomplete"
  | "noDate"
  | "badDate"
  | "expired"
  | "notYetCurrent"
  | "hostNotSigned"
  | "badAlgorithm"
  | "badCredential"
  | "badScope"
  | "headersNotSigned"
  | "badPayloadHash"
  | "unknownKey"
  | "badToken"
  | "expiredToken"
  | "badSignature";

/** What S3 says where it depends on the request. */
export interface S3Words {
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly s3Text?: string;
  readonly s3Code?: string;
}

/** Thrown inside the signature folder's checks; `toServiceError` makes of it what the service answers. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: RefusalReason;
  /** What S3 adds to its error document. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** S3's own text, where it depends on the request. */
  readonly s3Text: string | undefined;
  /** S3's code, where one reason has two: a presigned URL that expired is `AccessDenied`. */
  readonly s3Code: string | undefined;

  constructor(reason: RefusalReason, text: string, { detail = {}, s3Text, s3Code }: S3Words = {}) {
    super(text);
    this.reason = reason;
    this.detail = detail;
    this.s3Text = s3Text;
    this.s3Code = s3Code;
  }
}

/** How a service words the refusal of a signature. */
export type Dialect = "json" | "rest-json" | "query" | "rest-xml";

/** The service's error for a refusal. Statuses: JSON 400 (observed), Lambda 403, STS and IAM and S3 by their API references. */
export function toServiceError(refusal: Refusal, dialect: Dialect): ServiceError {
  switch (dialect) {
    case "json":
      return new ServiceError(jsonCodes[refusal.reason], refusal.message);
    case "rest-json":
      return new ServiceError(jsonCodes[refusal.reason], refusal.message, 403);
    case "query": {
      const code = queryCodes[refusal.reason];
      return new ServiceError(code, refusal.message, code === "IncompleteSignature" ? 400 : 403);
    }
    case "rest-xml": {
      const [code, status, text] = s3Errors[refusal.reason];
      const otherStatus = refusal.s3Code === "AccessDenied" ? 403 : 400;
      return new ServiceError(
        refusal.s3Code ?? code,
        refusal.s3Text ?? text,
        refusal.s3Code ? otherStatus : status,
        refusal.detail,
      );
    }
  }
}

const jsonCodes: Readonly<Record<RefusalReason, string>> = {
  twoSignatures: "InvalidSignatureException",
  noSignature: "MissingAuthenticationTokenException",
  incomplete: "IncompleteSignatureException",
  noDate: "IncompleteSignatureException",
  badDate: "IncompleteSignatureException",
  expired: "InvalidSignatureException",
  notYetCurrent: "InvalidSignatureException",
  hostNotSigned: "InvalidSignatureException",
  badAlgorithm: "IncompleteSignatureException",
  badCredential: "IncompleteSignatureException",
  badScope: "InvalidSignatureException",
  headersNotSigned: "InvalidSignatureException",
  badPayloadHash: "InvalidSignatureException",
  unknownKey: "UnrecognizedClientException",
  badToken: "UnrecognizedClientException",
  expiredToken: "ExpiredTokenException",
  badSignature: "InvalidSignatureException",
};

const queryCodes: Readonly<Record<RefusalReason, string>> = {
  twoSignatures: "SignatureDoesNotMatch",
  noSignature: "MissingAuthenticationToken",
  incomplete: "IncompleteSignature",
  noDate: "IncompleteSignature",
  badDate: "IncompleteSignature",
  expired: "SignatureDoesNotMatch",
  notYetCurrent: "SignatureDoesNotMatch",
  hostNotSigned: "SignatureDoesNotMatch",
  badAlgorithm: "IncompleteSignature",
  badCredential: "IncompleteSignature",
  badScope: "SignatureDoesNotMatch",
  headersNotSigned: "SignatureDoesNotMatch",
  badPayloadHash: "SignatureDoesNotMatch",
  unknownKey: "InvalidClientTokenId",
  badToken: "InvalidClientTokenId",
  expiredToken: "ExpiredToken",
  badSignature: "SignatureDoesNotMatch",
};

const malformed = "The authorization header is malformed.";

/** Code, status and text. Source: S3 API reference, "Error responses"; texts as clients report them. */
const s3Errors: Readonly<Record<RefusalReason, readonly [code: string, status: number, text: string]>> = {
  twoSignatures: [
    "InvalidArgument",
    400,
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
  ],
  noSignature: ["AccessDenied", 403, "Access Denied"],
  incomplete: ["AuthorizationHeaderMalformed", 400, malformed],
  noDate: ["AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"],
  badDate: ["AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"],
  expired: ["RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large."],
  notYetCurrent: [
    "RequestTimeTooSkewed",
    403,
    "The difference between the request time and the current time is too large.",
  ],
  hostNotSigned: ["AccessDenied", 403, "There were headers present in the request which were not signed"],
  badAlgorithm: [
    "InvalidRequest",
    400,
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
  ],
  badCredential: ["AuthorizationHeaderMalformed", 400, malformed],
  badScope: ["AuthorizationHeaderMalformed", 400, malformed],
  headersNotSigned: ["AccessDenied", 403, "There were headers present in the request which were not signed"],
  badPayloadHash: ["InvalidArgument", 400, "x-amz-content-sha256 is not a hash or one of the known names."],
  unknownKey: ["InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."],
  badToken: ["InvalidToken", 400, "The provided token is malformed or otherwise invalid."],
  expiredToken: ["ExpiredToken", 400, "The provided token has expired."],
  badSignature: [
    "SignatureDoesNotMatch",
    403,
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
  ],
};
