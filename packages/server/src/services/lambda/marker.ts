import { invalidParameter } from "../../functions/registry-errors.ts";

/** A page's end as clients carry it: opaque to them. */
export function markerOf(next: string | undefined): { readonly NextMarker?: string } {
  return next === undefined ? {} : { NextMarker: Buffer.from(next).toString("base64url") };
}

/** Where a page starts. Errors: `InvalidParameterValueException` for what is no marker of ours. */
export function readMarker(marker: string | undefined): { readonly after?: string } {
  if (marker === undefined || marker === "") return {};
  const after = Buffer.from(marker, "base64url").toString();
  if (markerOf(after).NextMarker !== marker)
    throw invalidParameter(`The marker '${marker}' is not one that Lambda gave.`);
  return { after };
}
