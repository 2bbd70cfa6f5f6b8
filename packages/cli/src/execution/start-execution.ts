import type { Server } from "../server-port.ts";

/** Starts a pipeline with values of its variables. Answers the id of the execution. Throws `ServiceError`. */
export async function startExecution(
  server: Server,
  pipelineName: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const values = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const input = { name: pipelineName, ...(values.length > 0 ? { variables: values } : {}) };
  const started = await server.call("codepipeline", "StartPipelineExecution", input);
  return (started as { pipelineExecutionId: string }).pipelineExecutionId; // the model's output
}
