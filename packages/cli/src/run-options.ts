/** The options by which `run`, `invoke` and their like run a pipeline once. */

import type { GivenOptions, OptionDeclaration } from "./command-line.ts";
import { accountsOf } from "./environment.ts";
import type { SessionOptions } from "./execution/session.ts";
import { readPort, readThrottling, readTiming, unreportedOf } from "./option-values.ts";
import type { Project } from "./project/project.ts";

export const RUN_OPTIONS = {
  timing: {
    value: "fast|aws",
    about: "Act at once, or in the service's rhythm (default fast)",
    environment: "PENSTOCK_TIMING",
  },
  port: { value: "PORT", about: "Port of the server (default: any free one)" },
  strict: { about: "Fail an action that reports success without having written a declared output" },
  json: { about: "Print one JSON document at the end, and nothing else" },
} as const satisfies Readonly<Record<string, OptionDeclaration>>;

type Given = Pick<GivenOptions<typeof RUN_OPTIONS>, "timing" | "port" | "strict"> & {
  readonly data: string | undefined;
};

/** The server that a project runs on. Throws a `Failure` (exit status 2) for options that cannot be right. */
export function sessionOptionsOf(project: Project, options: Given): SessionOptions {
  const timing = readTiming(options.timing, project.timing);
  return {
    dataDir: options.data,
    port: readPort(options.port, 0),
    account: project.account,
    region: project.region,
    accounts: accountsOf(project.accounts, process.env),
    ...(project.otherServices ? { otherServices: project.otherServices } : {}),
    timing,
    throttling: readThrottling(undefined, project.throttling),
    unreported: unreportedOf(timing),
    strictOutputs: options.strict || project.strict === true,
  };
}
