import type { FactPart } from "../facts.ts";
import { OBSERVED, proven } from "./state.ts";

const FORM = "wire-form: %s is status 400 with __type, which is the bare name, and message, and nothing else";

/** How requests about jobs are answered, byte for byte. */
export const WIRE_FACTS: FactPart = {
  title: "The form of replies",
  facts: [
    proven(
      "1.0.1",
      "A reply has the content type `application/x-amz-json-1.1`, a uuid in `x-amzn-requestid`, its length and a date; a refusal too.",
      OBSERVED,
      "wire-form: has the content type of JSON 1.1, a uuid as x-amzn-requestid, a length and a date",
      "wire-form: has a request id of its own each time",
    ),
    proven(
      "1.0.2",
      "Times are JSON numbers: epoch seconds with a fraction of milliseconds, without zeros at its end.",
      OBSERVED,
      "wire-form: times are numbers: epoch seconds with up to three decimals and no zero at the end",
    ),
    proven(
      "1.0.3",
      "What is absent is left out and never `null`; `inputArtifacts`, `outputArtifacts`, `inboundExecutions` and `outputVariables` come empty.",
      OBSERVED,
      "wire-form: what is absent is left out, never null, and lists that are always there are empty",
    ),
    proven(
      "1.0.4",
      "A result that is taken is answered with status 200 and an empty result.",
      `${OBSERVED}; API reference, PutJobSuccessResult`,
      "wire-form: a result that is taken is answered with status 200 and nothing to read",
    ),
    proven(
      "1.1.1",
      'A refusal is `{"__type":…,"message":…}` with the bare name of the exception, `message` in lower case, and status 400.',
      OBSERVED,
      FORM,
      "wire-form: InvalidJobStateException has the same form",
    ),
    proven(
      "1.1.2",
      "A refusal for lack of rights has status 400 as well.",
      OBSERVED,
      "authentication: a session that may not report is told so in the service's words, with the status 400",
      "authentication: errors of CodePipeline come with the status 400, those of S3 with 403",
    ),
    proven(
      "1.1.3",
      "Input that breaks the model is a `ValidationException` that names place and rule and does not echo the value.",
      OBSERVED,
      FORM,
      "put-job-success-result: a malformed id, %j, is refused",
    ),
    proven(
      "1.1.4",
      "Several broken rules are told in one answer, counted and joined by semicolons.",
      "analogy: recordings of DynamoDB, the same protocol",
      "put-job-failure-result: what is wrong twice is told in one answer",
    ),
    proven(
      "1.2.1",
      "A refusal for an operation without a resource type ends with the reason, `because no identity-based policy allows the … action`.",
      OBSERVED,
      "authentication: a session that may not report is told so in the service's words, with the status 400",
      "authentication: without its policy the reference function is denied in the service's words, and its action fails",
    ),
    proven(
      "1.2.2",
      "Too many requests are refused with `ThrottlingException`. Here with `throttling: aws` alone.",
      "API reference, Common errors",
      "throttling: are refused with ThrottlingException once some 20 were taken, and taken again a moment later",
      "throttling: are taken, however many, where nobody asked for a limit",
    ),
  ],
};
