/** Passes its event on to whoever listens at PASS_TO, and returns what that answers; raises if asked to. */
export async function handler(event) {
  const answer = await fetch(process.env.PASS_TO, { method: "POST", body: JSON.stringify(event) });
  if (event.raise) throw new Error(event.raise);
  return await answer.text();
}
