import { isTerminal, loadPaint, wantsColour } from "./paint.ts";
import { jsonScreen, liveScreen, plainScreen, type Screen } from "./screen.ts";

export interface ScreenChoice {
  readonly json: boolean;
  /** The one stage that is shown, as plain lines; else all of them, as a tree where there is a terminal. */
  readonly only?: { readonly stage: string };
}

/** The screen for standard output as it is: a terminal, a pipe, colours wanted or not. */
export async function chooseScreen({ json, only }: ScreenChoice): Promise<Screen> {
  const out = process.stdout;
  if (json) return jsonScreen(out);
  const paint = await loadPaint(wantsColour(out, process.env));
  if (only) return plainScreen(out, paint, only);
  return isTerminal(out, process.env) ? liveScreen(out, paint) : plainScreen(out, paint);
}
