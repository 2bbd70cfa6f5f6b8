// Runs a Lambda handler written for Node: asks for an event, calls the handler, posts the result, again and again.
//
// The Runtime API is spoken as plain HTTP, but over an inherited socket and not over TCP. That saves the connection and
// a third of each round trip, and nobody but this process can ask for or answer its events. The answer to one event and
// the question for the next go out in one write. When the socket closes the server is gone, and this process group ends.
//
// Life of an invocation: its event arrives, the socket stops keeping the process alive, the handler runs, and it is
// settled once: by the handler's value, its error, its callback, or by the event loop running empty.

import { isWaiting, letGo, listen, NEXT, post, readLine, send } from "./api.mjs";
import { keepCompiledCode, keepNow, openCompileCache } from "./compile-cache.mjs";
import { loadHandler } from "./handler.mjs";
import { describe, logError, logged, patchConsole, runtimeError } from "./output.mjs";
import { redirectAws } from "./redirect.mjs";
import { importAhead, resolveSdkFromElsewhere } from "./sdk.mjs";

/** Lambda's exit statuses for what no handler caught. */
const EXIT_UNCAUGHT = 129;
const EXIT_UNHANDLED = 128;

/** What the host says: `sdkDirs` to look for the AWS SDK in, `compileCacheDir` to keep compiled code in. */
const settings = JSON.parse(process.argv[2] ?? "{}");

/** The process was started before its server was ready, and gets its environment over the socket. */
const isAhead = process.argv[3] === "--ahead";
const importedAhead = process.argv.slice(4);
process.argv.splice(2);

const environment = process.env;

/** The invocation in hand. */
let current;

/** Whether something happened that no handler caught. */
let isEnding = false;

async function main() {
  if (isAhead) await startAhead();
  patchConsole();
  listen();
  process.on("uncaughtException", (error) => fatal("Uncaught Exception", error, EXIT_UNCAUGHT));
  process.on("unhandledRejection", (reason) =>
    fatal("Unhandled Promise Rejection", unhandledRejection(reason), EXIT_UNHANDLED),
  );
  process.on("beforeExit", eventLoopIsEmpty);
  const cacheIsNew = openCompileCache(settings.compileCacheDir);
  if (!isAhead) resolveSdkFromElsewhere(settings.sdkDirs ?? []);
  // Agents of the function's own ask no proxy, so it stays where one is there.
  if (environment.PENSTOCK_REDIRECTION !== "off") redirectAws(environment.AWS_LAMBDA_RUNTIME_API);
  try {
    const handler = await loadHandler(environment._HANDLER);
    if (cacheIsNew) keepNow();
    setImmediate(() => serve(handler)); // A promise that was rejected while loading is told of before that.
  } catch (error) {
    fatal("Uncaught Exception", error, 1);
  }
}

async function startAhead() {
  openCompileCache(settings.compileCacheDir);
  resolveSdkFromElsewhere(settings.sdkDirs ?? []);
  await importAhead(importedAhead, process.cwd());
  await takeEnvironment();
}

async function takeEnvironment() {
  const given = JSON.parse(await readLine());
  for (const name of Object.keys(environment)) if (!(name in given)) delete environment[name];
  Object.assign(environment, given);
}

function serve(handler) {
  if (!isEnding) send(NEXT, eventArrives(handler));
}

function eventArrives(handler) {
  return ({ headers, body }) => {
    logged.requestId = headers["lambda-runtime-aws-request-id"];
    if (headers["lambda-runtime-trace-id"]) environment._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
    letGo();
    invoke(handler, headers, body);
  };
}

function invoke(handler, headers, body) {
  const invocation = { id: logged.requestId, handler, settled: false, isAsync: false, whenEmpty: undefined };
  current = invocation;
  const context = contextOf(invocation, headers);
  const callback = (error, result) => {
    if (error !== undefined && error !== null) return fail(invocation, error);
    if (!context.callbackWaitsForEmptyEventLoop) return succeed(invocation, result);
    invocation.whenEmpty ??= () => succeed(invocation, result);
  };
  context.done = callback;
  context.succeed = (result) => succeed(invocation, result);
  context.fail = (error) => fail(invocation, error ?? new Error("handled"));
  try {
    const returned = handler(JSON.parse(body.toString()), context, callback);
    if (typeof returned?.then !== "function") return;
    invocation.isAsync = true;
    returned.then(
      (result) => succeed(invocation, result),
      (error) => fail(invocation, error),
    );
  } catch (error) {
    fail(invocation, error);
  }
}

function succeed(invocation, result) {
  if (invocation.settled) return;
  let json;
  try {
    json = JSON.stringify(result) ?? "null";
  } catch (error) {
    return fail(invocation, error);
  }
  settle(invocation, "response", undefined, json);
}

function fail(invocation, error) {
  if (invocation.settled) return;
  logError("Invoke Error", error);
  const report = describe(error);
  settle(invocation, "error", report.errorType, JSON.stringify(report));
}

function settle(invocation, path, errorType, json) {
  invocation.settled = true;
  current = undefined;
  const answer = post(`invocation/${invocation.id}/${path}`, errorType, json);
  send(answer + NEXT, keepCompiledCode, eventArrives(invocation.handler));
}

function eventLoopIsEmpty() {
  const invocation = current;
  if (!invocation) return isWaiting() ? undefined : fatal("Uncaught Exception", neverLoaded(), 1);
  if (invocation.whenEmpty) return invocation.whenEmpty();
  if (invocation.isAsync) return fail(invocation, promiseNeverSettled());
  succeed(invocation, null); // A handler without a promise that never called back has, for Lambda, returned null.
}

function fatal(title, error, exitCode) {
  isEnding = true;
  logError(title, error);
  const report = describe(error);
  const path = current ? `invocation/${current.id}/error` : "init/error";
  if (!current && logged.requestId) process.exit(exitCode); // Between two invocations nobody waits for a word.
  if (current) current.settled = true;
  send(post(path, report.errorType, JSON.stringify(report)), () => process.exit(exitCode));
}

function contextOf(invocation, headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const clientContext = headers["lambda-runtime-client-context"];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext && JSON.parse(clientContext),
    identity: undefined,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: invocation.id,
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
  };
}

function unhandledRejection(reason) {
  const error = runtimeError("UnhandledPromiseRejection", String(reason), reason instanceof Error ? reason : undefined);
  error.reason = reason;
  return error;
}

function promiseNeverSettled() {
  return runtimeError(
    "NodeJsExit",
    "The handler's promise was never settled, and nothing is left in the event loop that could settle it.",
  );
}

function neverLoaded() {
  return runtimeError(
    "ImportModuleError",
    `The module of '${environment._HANDLER}' never finished loading: a top-level await was not settled.`,
  );
}

main();
