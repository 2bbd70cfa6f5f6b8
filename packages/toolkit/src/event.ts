/**
 * The event of CodePipeline's Invoke Lambda action, exactly as the function receives it.
 *
 * Keys that are marked optional are absent, never null, when they do not apply.
 * Source: CodePipeline user guide, "AWS Lambda invoke action reference", example JSON event.
 *
 * @example
 * ```ts
 * export async function handler(event: CodePipelineJobEvent): Promise<void> {
 *   console.log(event["CodePipeline.job"].id);
 * }
 * ```
 */
export interface CodePipelineJobEvent {
  /** The job, and nothing beside it. */
  readonly "CodePipeline.job": CodePipelineJob;
}

/**
 * A job as the event tells it.
 *
 * @example
 * ```ts
 * const { id, accountId }: CodePipelineJob = readJobEvent(event);
 * ```
 */
export interface CodePipelineJob {
  /** Lower-case uuid; what PutJobSuccessResult and PutJobFailureResult take as `jobId`. */
  readonly id: string;
  /** Twelve digits: the account of the pipeline. */
  readonly accountId: string;
  /** What the action declares, and what it works on. */
  readonly data: CodePipelineJobData;
}

/**
 * What a job is about. The names of its pipeline and its execution are not in it; pass them in UserParameters, as
 * `#{codepipeline.PipelineExecutionId}`.
 *
 * @example
 * ```ts
 * const { inputArtifacts }: CodePipelineJobData = readJobEvent(event).data;
 * ```
 */
export interface CodePipelineJobData {
  /** The action's own configuration. */
  readonly actionConfiguration: {
    readonly configuration: {
      readonly FunctionName: string;
      /** At most 1000 characters before `#{…}` is resolved; absent when the action has none. */
      readonly UserParameters?: string;
    };
  };
  /** At most 5, in the order of the action; an empty list when there are none. */
  readonly inputArtifacts: readonly JobArtifact[];
  /** At most 5, in the order of the action; an empty list when there are none. */
  readonly outputArtifacts: readonly JobArtifact[];
  /** They reach only these artifacts. */
  readonly artifactCredentials: ArtifactCredentials;
  /** What the job before continued with: at most 2048 characters. Only after a continuation. */
  readonly continuationToken?: string;
  /** Only if the artifact store declares a key. */
  readonly encryptionKey?: { readonly id: string; readonly type: "KMS" };
}

/**
 * An artifact and its place in S3.
 *
 * @example
 * ```ts
 * const [source]: readonly JobArtifact[] = readJobEvent(event).data.inputArtifacts;
 * console.log(source?.location.s3Location.objectKey);
 * ```
 */
export interface JobArtifact {
  /** Its name in the pipeline. */
  readonly name: string;
  /** The source's revision; null for an output. */
  readonly revision: string | null;
  /** Where the object is; that of an output is not there yet. */
  readonly location: {
    readonly type: "S3";
    readonly s3Location: { readonly bucketName: string; readonly objectKey: string };
  };
}

/**
 * Temporary credentials for exactly this job's artifacts. Never log them; see `withoutCredentials`.
 *
 * @example
 * ```ts
 * const { expirationTime }: ArtifactCredentials = readJobEvent(event).data.artifactCredentials;
 * console.log(new Date(expirationTime));
 * ```
 */
export interface ArtifactCredentials {
  /** Begins with `ASIA`. */
  readonly accessKeyId: string;
  /** Secret. */
  readonly secretAccessKey: string;
  /** Secret. */
  readonly sessionToken: string;
  /** When they end, 15 minutes after the event. Unit: epoch milliseconds. */
  readonly expirationTime: number;
}
