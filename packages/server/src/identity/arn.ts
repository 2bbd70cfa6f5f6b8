/** The account in an ARN, its fifth part; empty for a bucket, whose ARN has none, and for `*`. */
export function accountOfArn(arn: string): string {
  return arn.split(":", 5)[4] ?? "";
}
