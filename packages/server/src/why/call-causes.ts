/** Causes that lie in what the function asked of AWS, and what became of it. */
import {
  type Chapter,
  callName,
  EVIDENCE_COUNT_MAX,
  errorText,
  evidenceOf,
  isReport,
  type RefusedCall,
  sentence,
} from "./chapter.ts";
import { type DenialScene, denialOf, denialRemedy, denialSentence } from "./denial.ts";
import type { Finding } from "./diagnosis.ts";
import type { ActionFacts } from "./facts.ts";

/** What came of the calls that were refused. */
export function callFindings(chapter: Chapter, facts: ActionFacts): readonly Finding[] {
  return [
    ...chapter.refused.flatMap((call) => refusedFinding(call, chapter, facts) ?? []),
    ...strayFindings(chapter),
    ...clientSideFindings(chapter),
    ...endpointFindings(chapter),
  ];
}

function refusedFinding(call: RefusedCall, chapter: Chapter, facts: ActionFacts): Finding | undefined {
  const { error } = call;
  const evidence = [evidenceOf(call)];
  const name = callName(call);
  if (error.code.startsWith("ExpiredToken"))
    return { ...EXPIRED, sentence: `Its credentials had expired when it called ${name}.`, evidence };
  const denial = denialOf(call);
  if (denial) {
    const remedy = denialRemedy(denial, sceneOf(facts));
    const missing = denial.missing ? { missing: denial.missing } : {};
    return { cause: "denied", sentence: denialSentence(denial), evidence, remedy, ...missing };
  }
  if (call.otherJobId !== undefined) return undefined; // told by strayFindings
  if (isReport(call) && error.code === "JobNotFoundException") return { ...foreignReport(facts), evidence };
  if (isReport(call) && error.code === "InvalidJobStateException") return lateFinding(call, chapter);
  if (INVALID.test(error.code))
    return { ...INVALID_CALL, sentence: sentence(`Its call of ${name} was invalid: ${error.message}`), evidence };
  const remedy =
    error.code === "PenstockServiceNotServed"
      ? "Say in penstock.yaml, under aws, where calls of this service go, or leave the call out here."
      : "The text is the service's own; correct the call, or handle the answer.";
  return {
    cause: "callRefused",
    sentence: sentence(`Its call of ${name} was refused: ${error.code}: ${error.message}`),
    evidence,
    remedy,
  };
}

/** A report that names its own job and finds none came from where the job is not known. */
function foreignReport({ account }: ActionFacts): Omit<Finding, "evidence"> {
  return {
    cause: "denied",
    sentence: `Its report found no job: a job is known in the account and the region of its pipeline alone, here account ${account}.`,
    remedy: `Report with credentials of account ${account}, in the pipeline's region: a function of another account assumes a role there that may call codepipeline:PutJobSuccessResult and PutJobFailureResult.`,
  };
}

/** What a refusal is read against. */
export function sceneOf({ account, encryptionKey, inputArtifacts }: ActionFacts): DenialScene {
  return { account, hasKey: encryptionKey !== undefined, inputs: inputArtifacts.map(objectArn) };
}

const objectArn = ({ bucket, key }: ActionFacts["inputArtifacts"][number]) => `arn:aws:s3:::${bucket}/${key}`;

const INVALID =
  /^(ValidationException|Invalid(?!JobState|Signature|ClientToken|AccessKey|Token)\w*|SerializationException|OutputVariablesSizeExceededException|MalformedXML|Missing\w+|EntityTooLarge|KMS\.\w+)$/;

const EXPIRED = {
  cause: "expiredCredentials",
  remedy:
    "Artifact credentials live 15 minutes. Ask for fresh ones with codepipeline:GetJobDetails, or answer with a continuationToken: the next job brings its own.",
} as const;

const INVALID_CALL = {
  cause: "invalidParameters",
  remedy:
    "Correct the parameters that the text names. A report that is refused as invalid does not use up the job: report again.",
} as const;

/** A second report of a job that has one changes nothing and explains nothing. */
function lateFinding(call: RefusedCall, { job, reported }: Chapter): Finding | undefined {
  if (reported || job.isReported || job.status === "Dispatched") return undefined;
  const minutes = Math.round((job.replyDueAt - job.dispatchedAt) / 60_000);
  return {
    cause: "reportedTooLate",
    sentence: `It reported too late: the job had ended before, without a report (it had ${minutes} minutes).`,
    evidence: [evidenceOf(call)],
    remedy:
      "Report within 20 minutes. For longer work answer PutJobSuccessResult with a continuationToken before that; each one starts the 20 minutes anew, up to 24 hours in all.",
  };
}

function strayFindings({ job, strayReports, reported }: Chapter): readonly Finding[] {
  const [first] = strayReports;
  if (!first || reported) return [];
  return [
    {
      cause: "reportedForAnotherJob",
      sentence: `It reported for job ${first.otherJobId}, but works on job ${job.id}.`,
      evidence: strayReports.slice(0, EVIDENCE_COUNT_MAX).map(evidenceOf),
      remedy:
        'Take the id from event["CodePipeline.job"]["id"] of the very call that is being handled: after a continuation it is a new one, and a variable outside the handler keeps the old.',
    },
  ];
}

/** What the SDK itself refused: such a call never reached the server. */
function clientSideFindings({ attempts }: Chapter): readonly Finding[] {
  return attempts.flatMap(({ end, isAfterReport }) => {
    if (!end?.error || isAfterReport || end.error.errorType !== "ParamValidationError") return [];
    const text = `The SDK refused its call before sending it: ${errorText(end.error)}`;
    return [{ ...INVALID_CALL, sentence: sentence(text), evidence: [evidenceOf(end)] }];
  });
}

const UNREACHABLE =
  /EndpointConnectionError|Could not connect to the endpoint|ConnectTimeoutError|ConnectionClosedError|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|getaddrinfo|Name or service not known|Connection refused|Failed to establish a new connection/;

/** A function that could not connect says so in its error or its log; the server never saw the call. */
function endpointFindings({ attempts, reported }: Chapter): readonly Finding[] {
  if (reported && reported.result !== "failure") return [];
  const told = attempts.flatMap(({ end, lines, isAfterReport }) => {
    const inError = end?.error && !isAfterReport && UNREACHABLE.test(errorText(end.error)) ? [end] : [];
    return [...inError, ...lines.filter(({ line }) => UNREACHABLE.test(line))];
  });
  const [first] = told;
  if (!first) return [];
  const text = told.map((entry) => evidenceOf(entry).text);
  const place = text.map(endpointIn).find((found) => found !== undefined);
  return [
    {
      cause: "endpointUnreachable",
      sentence: `The function could not reach ${place ?? "an endpoint"}.`,
      evidence: told.slice(0, EVIDENCE_COUNT_MAX).map(evidenceOf),
      remedy:
        "Do not name an endpoint in the code: AWS_ENDPOINT_URL tells the SDK where this server is. An address outside must be reachable from this machine.",
    },
  ];
}

function endpointIn(text: string): string | undefined {
  return (
    /https?:\/\/[^\s"'),]+/.exec(text)?.[0] ?? /(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN) ([\w.:[\]-]+)/.exec(text)?.[1]
  );
}
