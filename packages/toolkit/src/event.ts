/**
 * The event of CodePipeline's Invoke Lambda action, exactly as the function receives it.
 *
 * Source: reference §5.3. Keys that are marked optional are absent, never null, when they do not apply.
 */
export interface CodePipelineJobEvent {
  readonly "CodePipeline.job": CodePipelineJob;
}

export interface CodePipelineJob {
  /** Lower-case uuid; what PutJobSuccessResult and PutJobFailureResult take as `jobId`. */
  readonly id: string;
  readonly accountId: string;
  readonly data: CodePipelineJobData;
}

export interface CodePipelineJobData {
  readonly actionConfiguration: {
    readonly configuration: {
      readonly FunctionName: string;
      /** At most 1000 characters before `#{…}` is resolved. */
      readonly UserParameters?: string;
    };
  };
  readonly inputArtifacts: readonly JobArtifact[];
  readonly outputArtifacts: readonly JobArtifact[];
  readonly artifactCredentials: ArtifactCredentials;
  /** Only after a continuation. */
  readonly continuationToken?: string;
  /** Only if the artifact store declares a key. */
  readonly encryptionKey?: { readonly id: string; readonly type: "KMS" };
}

export interface JobArtifact {
  readonly name: string;
  /** The source's revision; null for an output. */
  readonly revision: string | null;
  readonly location: {
    readonly type: "S3";
    readonly s3Location: { readonly bucketName: string; readonly objectKey: string };
  };
}

/** Temporary credentials for exactly this job's artifacts. Never log them. */
export interface ArtifactCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch milliseconds. */
  readonly expirationTime: number;
}
