/** The action types that are run here, each by a provider, as category, owner and provider. */
export const RUN_TYPES = [
  "Approval/AWS/Manual",
  "Deploy/AWS/Lambda",
  "Deploy/AWS/S3",
  "Invoke/AWS/Lambda",
  "Source/AWS/S3",
] as const;

export type RunType = (typeof RUN_TYPES)[number];
