import type { FactPart, TestName } from "../facts.ts";
import { choice, OBSERVED, proven } from "./state.ts";

const STORE = "API reference, ArtifactStore";
const LIMITS: TestName = "artifact-store: the model's limit %#: %o is refused at %s, which must %s";
const KEYED: TestName =
  "artifact-store: its key may be named by %s: jobs name it as declared, and the source copy is encrypted with it";
const UNKEYED: TestName =
  "artifact-store: without a key the source copy has the account's, binary/octet-stream and no metadata, even in a bucket of AES256";
const KEYS: TestName =
  "artifact-store: a key has the first 20 characters of the pipeline, the first 10 of the artifact, and 7 letters and digits";
const LIMITED: TestName =
  "artifact-store: a job's credentials read its input and nothing else of the bucket, and the refusal names the session policy";
const FUNCTIONS: TestName =
  "artifacts: reads, writes and reports; a later action uses its artifact and its variables; nothing else is allowed";
const QUOTAS = "user guide, Quotas";

/** Artifacts: where they are, and who may get at them. */
export const ARTIFACT_FACTS: FactPart = {
  title: "Artifacts",
  facts: [
    proven(
      "6.1.1",
      "A pipeline has `artifactStore` or `artifactStores`, never both.",
      "API reference, PipelineDeclaration",
      "artifact-store: both artifactStore and artifactStores, or neither, are refused",
    ),
    proven(
      "6.1.2",
      "There is a store for each region that has actions; the one that is missing is named.",
      "observed, messages of CreatePipeline",
      "artifact-store: each region that has actions needs a store, and the one that is missing is named",
    ),
    proven(
      "6.1.3",
      "A store is of type `S3`, its location has 3 to 63 characters, its key's id at most 400, and the key's type is `KMS`.",
      STORE,
      LIMITS,
    ),
    proven("6.1.4", "The key may be given by its id, its ARN or the ARN of an alias.", STORE, KEYED),
    proven(
      "6.1.5",
      "With a key, source copies are encrypted with it.",
      STORE,
      "artifact-store: with a key, source copies are encrypted with it",
    ),
    proven(
      "6.1.6",
      "Without one, source copies are `aws:kms` under the account's own key, whatever the bucket's default is.",
      OBSERVED,
      UNKEYED,
    ),
    proven(
      "6.1.7",
      "Source copies have the content type `binary/octet-stream` and no metadata.",
      OBSERVED,
      "artifact-store: source copies have the content type binary/octet-stream and no metadata, whatever their source has",
    ),

    proven(
      "6.2.1",
      "A key is `<pipeline>/<artifact>/<7 letters and digits>`.",
      OBSERVED,
      "artifact-store: a key is pipeline, artifact, and 7 letters and digits",
    ),
    proven(
      "6.2.2",
      "The pipeline's name is cut after 20 characters, the artifact's after 10.",
      `${OBSERVED}; user guide, Troubleshooting`,
      KEYS,
    ),
    proven(
      "6.2.3",
      "An S3 source keeps the `.zip` of its object.",
      OBSERVED,
      "artifact-store: the copy of the source source.zip keeps .zip",
    ),
    choice(
      "6.2.4",
      "It keeps any other last extension as well.",
      "artifact-store: the copy of the source %s has the extension %j",
    ),
    proven(
      "6.2.5",
      "Outputs of functions have no extension.",
      OBSERVED,
      "artifact-store: the output of a function has no extension, whatever its input has",
    ),
    proven(
      "6.2.6",
      "Another execution has other random parts.",
      OBSERVED,
      "artifact-store: each execution has keys of its own",
    ),
    proven(
      "6.2.7",
      "A continuation keeps its keys.",
      OBSERVED,
      "continuation: the next job has the same input places",
      "continuation: the next job has the same reserved output places",
    ),
    choice(
      "6.2.8",
      "Pipelines with the same first 20 characters share a folder; the random part alone keeps their artifacts apart.",
      "artifact-store: pipelines with the same first 20 characters share a folder, and the random part keeps them apart",
    ),
    choice(
      "6.2.9",
      "Nothing is trimmed after the cut.",
      "artifact-store: nothing is trimmed after the cut: a folder may end in a hyphen",
    ),
    proven(
      "6.2.10",
      "A retried stage has new random parts.",
      OBSERVED,
      "retry-stage-execution: a retried action has a new id, and its output a new random part",
    ),

    proven(
      "6.3.1",
      "A job's credentials are a session of the pipeline's role, or of the action's.",
      OBSERVED,
      "job-event: has credentials of the pipeline's role",
      "job-event: has credentials of the action's role where the action declares one",
    ),
    proven(
      "6.3.2",
      "The session is named by the moment in epoch milliseconds.",
      OBSERVED,
      "job-event: has credentials of a session that is named by epoch milliseconds",
    ),
    proven(
      "6.3.3",
      "It expires after 900 seconds, and then really.",
      OBSERVED,
      "job-event: has credentials whose expirationTime is a whole second in milliseconds, 900 seconds after the session's name",
      "timers: the artifact credentials expire after 900 seconds, and GetJobDetails has new ones",
    ),
    proven(
      "6.3.4",
      "A session policy limits it to the action's artifacts, and the refusal says so: `because no session policy allows the s3:GetObject action`.",
      OBSERVED,
      LIMITED,
      FUNCTIONS,
    ),
    proven(
      "6.3.5",
      "It cannot report results when the pipeline's role may not.",
      OBSERVED,
      "artifact-store: a job's credentials cannot report, though the function's own may",
      FUNCTIONS,
    ),
    proven("6.3.6", "A function needs no S3 rights of its own, only those to report.", OBSERVED, FUNCTIONS),
    choice(
      "6.3.7",
      "The session may read inputs and outputs, write outputs alone, and use KMS keys as far as its role may.",
      "artifact-store: a job's credentials write its output and read it again, and cannot overwrite its input",
      FUNCTIONS,
    ),
    proven(
      "6.3.8",
      "A function encrypts what it uploads with the key that its job names.",
      "user guide, Create a custom action",
      FUNCTIONS,
    ),
    proven(
      "6.4.1",
      "An S3 source may have 5 GB. (Git sources may have 1 GB, inputs of CloudFormation 256 MB, of Elastic Beanstalk 512 MB; their actions are not run here, 3.5.10.)",
      QUOTAS,
      "artifact-sizes: an S3 source of the most that is allowed is taken, and one byte more is refused",
    ),
    proven(
      "6.4.2",
      "An S3 object that is an artifact has at most 100,000 files.",
      QUOTAS,
      "artifact-sizes: an artifact of 100,001 files cannot be extracted",
    ),
  ],
};
