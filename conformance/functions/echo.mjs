/** Answers what it was given and where it runs; raises if asked to. */
export async function handler(event, context) {
  console.log("hello from the function");
  if (event.raise) throw new RangeError(event.raise);
  return { event, requestId: context.awsRequestId, environment: process.env };
}
