/** Passes its event on to whoever listens at PASS_TO, and returns what that answers; raises if asked to. */
export async function handler(event) {
  const answer = await fetch(process.env.PASS_TO, { method: "POST", body: JSON.stringify(event) });
  const why = event.raise ?? raiseOf(event["CodePipeline.job"]);
  if (why) throw new Error(why);
  return await answer.text();
}

/** A job asks for it in the parameters of its action: `raise: <why>`. */
function raiseOf(job) {
  const { UserParameters } = job?.data.actionConfiguration.configuration ?? {};
  return UserParameters?.startsWith("raise: ") ? UserParameters.slice("raise: ".length) : undefined;
}
