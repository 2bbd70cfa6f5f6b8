/** Asking a running server for its own pages, under `/_penstock/`. */
import { inputWrong, surroundingsFailed } from "../failure.ts";

/** Where `penstock serve` listens unless told otherwise. */
export const URL_DEFAULT = "http://127.0.0.1:4566";

/**
 * Answers a page, or nothing when the server says that there is none. `T` is what the server's page holds.
 * Throws a `Failure`: exit status 3 when there is no server, 2 when it refuses what it was asked.
 */
export async function askPages<T>(url: string, path: string, post?: object): Promise<T | undefined> {
  if (!URL.canParse(url)) throw inputWrong(`${url} is not a URL`, `Write it like ${URL_DEFAULT}.`);
  const response = await ask(new URL(`/_penstock/${path}`, url), post);
  const page = (await response.json().catch(() => ({}))) as T & { readonly error?: string }; // the server's own document
  if (response.ok) return page;
  if (response.status === 404) return undefined;
  const message = page.error ?? `${url} answered with status ${response.status}, as no server of Penstock does`;
  throw response.status < 500 ? inputWrong(message, "") : surroundingsFailed(message, "");
}

async function ask(page: URL, post: object | undefined): Promise<Response> {
  try {
    if (post === undefined) return await fetch(page);
    const headers = { "content-type": "application/json" };
    return await fetch(page, { method: "POST", headers, body: JSON.stringify(post) });
  } catch (error) {
    const remedy = "Start one with penstock serve, or name another with --url.";
    throw surroundingsFailed(`no server answers at ${page.origin}`, remedy, error);
  }
}
