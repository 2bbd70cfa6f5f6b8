/** How a caller names a function: by name, partial ARN or full ARN, each perhaps with a version or alias behind it. */
export interface FunctionReference {
  readonly name: string;
  /** Only in a full ARN. */
  readonly region?: string;
  /** Only in an ARN, full or partial. */
  readonly account?: string;
  /** `$LATEST`, a version's number or an alias. */
  readonly qualifier?: string;
}

const REFERENCE =
  /^(?:arn:aws[a-z-]*:lambda:(?<region>[a-z0-9-]+):(?<owner>\d{12}):function:|(?:(?<account>\d{12}):)?(?:function:)?)(?<name>[A-Za-z0-9_-]+)(?::(?<qualifier>\$LATEST|[A-Za-z0-9_-]+))?$/;

/** Takes a reference apart; undefined when it is none. */
export function parseFunctionReference(reference: string): FunctionReference | undefined {
  const groups = REFERENCE.exec(reference)?.groups;
  if (groups?.["name"] === undefined) return undefined;
  const { name, region, qualifier } = groups;
  const account = groups["owner"] ?? groups["account"];
  return {
    name,
    ...(region === undefined ? {} : { region }),
    ...(account === undefined ? {} : { account }),
    ...(qualifier === undefined ? {} : { qualifier }),
  };
}

/** The ARN of a function, or of one of its versions. */
export function functionArn(region: string, account: string, name: string, qualifier?: string): string {
  const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}
