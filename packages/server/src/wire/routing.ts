/**
 * One port, many services: which of them a request is for.
 *
 * A signature's scope names the service. A known `X-Amz-Target` beats it, because only one service can make sense
 * of it, which then says that the scope is wrong. What is not signed is told by path, host and form;
 * the rest can only be meant for S3, whose objects may be read without a signature.
 */
import { header, parameter, type WireRequest } from "./request.ts";
import { parseQuery } from "./uri.ts";

/** Source: the official service models' `targetPrefix`. */
const byTarget: Readonly<Record<string, string>> = {
  CodePipeline_20150709: "codepipeline",
  TrentService: "kms",
  Logs_20140328: "logs",
  AWSEvents: "events",
};

/** By `Version` in a form. Source: the official service models' `apiVersion`. */
const byVersion: Readonly<Record<string, string>> = {
  "2011-06-15": "sts",
  "2010-05-08": "iam",
};

/** Lambda's paths begin with a date. */
const LAMBDA_PATH =
  /^\/20\d\d-\d\d-\d\d\/(?:functions|tags|event-source-mappings|layers|account-settings|code-signing-configs)(?:\/|$)/;

/** The service that a request is for, or `form` when only the form in its body can tell. The service may be one that nobody serves. */
export function serviceOf(request: WireRequest): string {
  return (
    serviceOfTarget(request) ??
    scopeService(request) ??
    (LAMBDA_PATH.test(request.path) ? "lambda" : undefined) ??
    serviceOfHost(header(request, "host")) ??
    byVersion[parameter(request, "Version") ?? ""] ??
    (isForm(request) ? "form" : "s3")
  );
}

function serviceOfTarget(request: WireRequest): string | undefined {
  const target = header(request, "x-amz-target");
  return target === undefined ? undefined : byTarget[target.slice(0, target.lastIndexOf("."))];
}

/** The service named in the credential's scope, without looking at anything else of the signature. */
function scopeService(request: WireRequest): string | undefined {
  const authorization = header(request, "authorization");
  const credential = authorization
    ? /Credential=([^,\s]+)/.exec(authorization)?.[1]
    : request.query === ""
      ? undefined
      : parameter(request, "X-Amz-Credential");
  return credential?.split("/")[3] || undefined;
}

const hostNames: ReadonlySet<string> = new Set(["codepipeline", "lambda", "sts", "iam", "kms", "logs", "events", "s3"]);

/** What stands before the domain of AWS, or of LocalStack. */
const AWS_HOST = /^(.+)\.(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws|localhost\.localstack\.cloud)(?::\d+)?$/;

/** Labels of a host that name no service, such as `us-east-1` and `dualstack`. */
const NO_SERVICE = /^(?:[a-z]{2}(?:-[a-z]+)+-\d|dualstack|fips)$/;

/** `lambda.us-east-1.amazonaws.com`, of whatever service; `lambda.localhost` of ours. */
function serviceOfHost(host: string | undefined): string | undefined {
  const labels = AWS_HOST.exec(host?.toLowerCase() ?? "")?.[1]?.split(".");
  if (labels?.some((label) => /^s3(?:$|-)/.test(label))) return "s3";
  if (labels) return labels.findLast((label) => !NO_SERVICE.test(label))?.replace(/-fips$/, "");
  const first = host?.split(".", 1)[0]?.toLowerCase() ?? "";
  return host?.includes(".") && hostNames.has(first) ? first : undefined;
}

function isForm(request: WireRequest): boolean {
  const type = header(request, "content-type");
  return request.method === "POST" && type?.startsWith("application/x-www-form-urlencoded") === true;
}

/** The service of a form, by the version that it names. */
export function serviceOfForm(body: Buffer): string | undefined {
  const version = parseQuery(body.toString("utf8")).find(({ name }) => name === "Version")?.value;
  return byVersion[version ?? ""];
}
