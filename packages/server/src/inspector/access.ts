import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Principal } from "../wire/operation.ts";
import { readRequest } from "../wire/request.ts";
import { authenticate, type KeyAnswer } from "../wire/signature/authenticate.ts";
import { Refusal } from "../wire/signature/refusal.ts";
import { SigningKeys } from "../wire/signature/signing-key.ts";

/*
 * Who may look at the inspector.
 *
 * Its pages hold no credential that opens anything alone (what functions write is masked), but they do hold user
 * parameters, tokens and logs, and one of them moves the clock. So they are for whoever is on this machine, as the
 * well-known key is, and for the signature of an account's root from elsewhere (scope `penstock`), which sees what is
 * of its account. A browser on this machine is not its user: a page from anywhere
 * can ask loopback, by a name of its own that it points there, or across origins. Hence a request without a signature
 * must name the server by a loopback name or by the address that it came to, and must not come from another origin.
 */

export interface Visitor {
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

export interface AccessOptions {
  findKey(accessKeyId: string, sessionToken: string | undefined, now: number): KeyAnswer<Principal & { type: string }>;
  now(): number;
}

const LOOPBACK_ADDRESS = /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/;
const LOOPBACK_NAME = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Who looks: whoever is on this machine sees all accounts, a root its own. */
export interface Admitted {
  readonly account?: string;
}

/** Lets a visitor in, or says why not. */
export function admit(visitor: Visitor, options: AccessOptions): Admitted | { readonly refusal: string } {
  if (visitor.request.headers.authorization !== undefined) return admitRoot(visitor, options);
  const refusal = whyNotUnsigned(visitor);
  return refusal === undefined ? {} : { refusal };
}

function whyNotUnsigned({ request: { headers, socket } }: Visitor): string | undefined {
  if (!LOOPBACK_ADDRESS.test(socket.remoteAddress ?? "")) {
    return "From another machine this page needs a request that is signed with the root's key, for the service penstock.";
  }
  const host = headers.host ?? "";
  if (!isOurName(host.replace(/:\d+$/, ""), socket.localAddress ?? "")) {
    return `This server is not called ${host}. Ask for it by localhost or by its address.`;
  }
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return `Pages of ${origin} may not ask this server.`;
  return undefined;
}

function isOurName(name: string, localAddress: string): boolean {
  const address = localAddress.replace(/^::ffff:/, "");
  return LOOPBACK_NAME.test(name) || name === address || name === `[${address}]`;
}

function admitRoot({ request, body }: Visitor, { findKey, now }: AccessOptions): ReturnType<typeof admit> {
  try {
    const { principal } = authenticate(readRequest(request), {
      service: "penstock",
      dialect: "json",
      keys: new SigningKeys(),
      clockNow: Date.now(), // clients sign by the real clock
      findKey: (accessKeyId, sessionToken) => findKey(accessKeyId, sessionToken, now()),
      payloadHash: () => createHash("sha256").update(body).digest("hex"),
    });
    if (principal.type !== "root") return { refusal: "Only an account's root may look at this page." };
    return { account: principal.account };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error.message };
    throw error;
  }
}
