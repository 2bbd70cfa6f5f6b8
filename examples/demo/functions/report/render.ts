/**
 * Draws a report, some bars a job: an Invoke action of AWS CodePipeline.
 *
 * Input artifacts: Source, a zip with report.html, the template; Summary, a zip with summary.json.
 * Output artifact Report: a zip with index.html. Output variables: Bars, Bytes.
 * UserParameters: {"title": "Orders", "barsPerJob": 2, "total": "#{SummaryVariables.Total}", …}.
 *
 * A job that does not draw the last bar answers with a continuation token; CodePipeline then calls again with a new
 * job that carries it. The same event gives the same bytes and the same result, so a job may be delivered twice.
 */
import {
  CodePipelineClient,
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
} from "@aws-sdk/client-codepipeline";
import { artifactClient, readFile, writeFile } from "./artifacts.ts";
import { drawBars, fillTemplate, parseSummary } from "./drawing.ts";
import { type CodePipelineEvent, failureOf, type JobData, Refused } from "./job.ts";

/** CodePipeline's limit. */
const TOKEN_CHARACTERS_MAX = 2048;

const codepipeline = new CodePipelineClient({});

/** What PutJobSuccessResult takes beside the job's id. */
type Result = { readonly continuationToken: string } | { readonly outputVariables: Record<string, string> };

interface Parameters {
  readonly title: string;
  readonly barsPerJob: number;
  readonly orders: string;
  readonly total: string;
  readonly bestCountry: string;
}

export async function handler(event: CodePipelineEvent): Promise<void> {
  // The event holds credentials: log parts of it, never the whole.
  const { id: jobId, data } = event["CodePipeline.job"];
  let result: Result;
  try {
    result = await render(data);
  } catch (error) {
    // Unreported, it would leave the action waiting for twenty minutes.
    const failureDetails = failureOf(error);
    console.error(`job ${jobId} failed: ${failureDetails.type}: ${failureDetails.message}`);
    await codepipeline.send(new PutJobFailureResultCommand({ jobId, failureDetails }));
    return;
  }
  await codepipeline.send(new PutJobSuccessResultCommand({ jobId, ...result }));
}

/** One job's work; answers what to report of it. */
async function render(data: JobData): Promise<Result> {
  const parameters = parseParameters(data.actionConfiguration.configuration.UserParameters ?? "");
  const s3 = artifactClient(data);
  const summary = parseSummary(await readFile(s3, data, "Summary", "summary.json"));
  // The token is ours: nobody else writes one for this action.
  const drawn: string[] = data.continuationToken ? JSON.parse(data.continuationToken) : [];

  const bars = [...drawn, ...drawBars(summary, drawn.length, parameters.barsPerJob)];
  const barCount = Object.keys(summary.centsByCountry).length;
  console.log(`drew bars ${drawn.length + 1} to ${bars.length} of ${barCount}`);
  if (bars.length < barCount) return { continuationToken: tokenOf(bars) };

  const template = await readFile(s3, data, "Source", "report.html");
  const html = fillTemplate(template, { ...parameters, bars });
  await writeFile(s3, data, "Report", "index.html", html);
  return { outputVariables: { Bars: String(barCount), Bytes: String(Buffer.byteLength(html)) } };
}

function tokenOf(bars: readonly string[]): string {
  const token = JSON.stringify(bars);
  if (token.length > TOKEN_CHARACTERS_MAX) {
    throw new Refused("JobFailed", `${bars.length} bars do not fit into a continuation token`);
  }
  return token;
}

function parseParameters(text: string): Parameters {
  const given = tryParse(text);
  const strings = ["title", "orders", "total", "bestCountry"];
  const lacking = strings.filter((name) => typeof given[name] !== "string");
  if (!Number.isInteger(given["barsPerJob"]) || Number(given["barsPerJob"]) < 1) lacking.push("barsPerJob");
  if (lacking.length > 0) {
    throw new Refused(
      "ConfigurationError",
      `UserParameters must be JSON; it lacks a right ${lacking.join(", ")}: ${text}`,
    );
  }
  return given as unknown as Parameters; // Just checked.
}

function tryParse(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
