import type { Keys } from "../keys/keys.ts";
import type { Store } from "../store/store.ts";
import type { Files } from "./files.ts";
import type { Md5s } from "./md5.ts";

/** What the parts of the artifact store share. */
export interface ObjectsContext {
  readonly store: Store;
  readonly files: Files;
  readonly md5s: Md5s;
  readonly keys: Keys;
  /** 32 bytes; seals the data keys of SSE-S3. */
  readonly masterKey: Buffer;
  /** Whose buckets are that are made without saying whose. */
  readonly account: string;
  /** Epoch milliseconds. */
  now(): number;
}
