import type { S3 } from "@aws-sdk/client-s3";
import type { JobCredentials, ObjectStore } from "../surroundings.ts";

/** S3 with credentials that are asked for as needed, or with the function's own. Follows a bucket into its region. */
export function objectStore(credentials?: () => Promise<JobCredentials>): ObjectStore {
  let loading: Promise<S3> | undefined;
  return () => {
    loading ??= import("@aws-sdk/client-s3").then(
      (sdk) => new sdk.S3({ followRegionRedirects: true, ...(credentials && { credentials }) }),
    );
    return loading;
  };
}
