/**
 * A job on paper: what its function was given and what became of it, without any credential, so that it can be kept,
 * sent to somebody, and run again. `docs/capture.md` describes the file.
 */

/** Counts the forms of the file. A reader refuses a number that it does not know. */
export const CAPTURE_VERSION = 1;

/** How much of one artifact is embedded; a larger one stays a reference. Unit: bytes. Source: our choice. */
export const EMBEDDED_BYTES_MAX = 10 * 1024 * 1024;

export interface JobCapture {
  readonly penstockCapture: typeof CAPTURE_VERSION;
  /** ISO 8601. */
  readonly capturedAt: string;
  /** `event`: made of an event alone, of which nothing more is known. */
  readonly source: "penstock" | "event";
  /** The event as the function got it, without `artifactCredentials`. */
  readonly event: CapturedEvent;
  /** Inputs, then outputs, in the order of the event. */
  readonly artifacts: readonly CapturedArtifact[];
  /** Null where it is not known. */
  readonly job: CapturedJob | null;
  readonly function: CapturedFunction | null;
  readonly attempts: readonly CapturedAttempt[];
  readonly outcome: CapturedOutcome | null;
}

/** Members that do not apply are absent, as in the event. */
export interface CapturedEvent {
  readonly "CodePipeline.job": {
    readonly id: string;
    readonly accountId: string;
    readonly data: {
      readonly actionConfiguration: { readonly configuration: Readonly<Record<string, string>> };
      readonly inputArtifacts: readonly EventArtifact[];
      readonly outputArtifacts: readonly EventArtifact[];
      readonly continuationToken?: string;
      readonly encryptionKey?: { readonly id: string; readonly type: string };
    };
  };
}

export interface EventArtifact {
  readonly name: string;
  readonly revision: string | null;
  readonly location: {
    readonly type: string;
    readonly s3Location: { readonly bucketName: string; readonly objectKey: string };
  };
}

export interface CapturedArtifact {
  readonly direction: "input" | "output";
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  /** These are null where nothing is at that place, or nobody looked. */
  readonly versionId: string | null;
  readonly sizeBytes: number | null;
  /** Hexadecimal. */
  readonly sha256: string | null;
  /** The object itself in base64, if it was wanted and is small enough. */
  readonly base64?: string;
}

export interface CapturedJob {
  readonly id: string;
  /** 1 for the action's first job, one more with every continuation. */
  readonly number: number;
  readonly status: string;
  readonly pipeline: string;
  readonly region: string;
  readonly executionId: string;
  readonly stage: string;
  readonly action: string;
}

export interface CapturedFunction {
  readonly name: string;
  readonly runtime: string;
  readonly handler: string;
  /** Absolute, on the machine that captured. */
  readonly codeDir: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environmentNames: readonly string[];
  /** Only where it was asked for. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CapturedAttempt {
  readonly attempt: number;
  readonly requestId: string;
  readonly outcome: string;
  readonly durationMs: number;
  readonly error: { readonly errorType: string; readonly errorMessage: string } | null;
}

export interface CapturedOutcome {
  readonly actionStatus: string;
  /** What the function reported, if it did. */
  readonly reported: { readonly result: string; readonly message: string | null } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}
