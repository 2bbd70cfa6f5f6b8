import type { Identity } from "../../identity/identity.ts";
import type { Store } from "../../store/store.ts";
import type { Operations } from "./shapes.generated.ts";

/** What STS's operations work with. */
export interface Sts {
  readonly store: Pick<Store, "read">;
  readonly identity: Identity;
}

export type Input<Name extends keyof Operations> = Operations[Name]["input"];
export type Output<Name extends keyof Operations> = Operations[Name]["output"];
