import { header, type WireRequest } from "../request.ts";

/** `/bucket/key` of a request, raw, whether the bucket stands in the path or in the host's name. */
export function s3Path(request: WireRequest): string {
  const bucket = bucketOfHost(header(request, "host"));
  return bucket === undefined ? request.path : `/${bucket}${request.path}`;
}

/**
 * The bucket in a host's name: what stands before `.s3.` or `.s3-`, or before `.localhost`. A bucket's name may have
 * dots, so the last such mark counts; an address or a bare name has none.
 */
export function bucketOfHost(host: string | undefined): string | undefined {
  const name = host?.toLowerCase().replace(/:\d+$/, "");
  if (!name?.includes(".") || /^[\d.]+$/.test(name) || name.startsWith("[")) return undefined;
  const marked = /^(.+)\.s3(?:[.-].*)?$/.exec(name);
  if (marked?.[1]) return marked[1];
  const local = /^(.+)\.localhost$/.exec(name)?.[1];
  return local === undefined || local === "s3" || /^s3[.-]/.test(name) ? undefined : local;
}
