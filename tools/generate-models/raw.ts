import type { Protocol } from "../../packages/server/src/wire/model.ts";

/** The parts of a "service-2" model that the generator reads. */
export interface RawModel {
  readonly metadata: {
    readonly apiVersion: string;
    readonly protocol: Protocol;
    readonly serviceFullName: string;
    readonly signingName?: string;
    readonly targetPrefix?: string;
    readonly xmlNamespace?: string;
  };
  readonly operations: Readonly<Record<string, RawOperation>>;
  readonly shapes: Readonly<Record<string, RawShape>>;
}

export interface RawOperation {
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: { readonly shape: string };
  readonly output?: { readonly shape: string };
}

export interface RawShape {
  readonly type: string;
  readonly exception?: boolean;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
}
