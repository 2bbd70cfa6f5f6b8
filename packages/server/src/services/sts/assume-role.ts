import { accountOfArn } from "../../identity/arn.ts";
import type { Caller, PolicyDocument } from "../../identity/identity.ts";
import { checkPolicy, storedPolicy } from "../../identity/policy.ts";
import { findRoleByArn, type RoleTable } from "../../store/role.ts";
import { type Call, operation } from "../../wire/operation.ts";
import type { Input, Output, Sts } from "./context.ts";
import { toCredentials } from "./credentials.ts";
import { chainedTooLong, invalid, longerThanRoleAllows, malformedPolicy, mayNotAssume } from "./errors.ts";

/** Seconds that a session lasts when nobody says, and the longest that a session may give another. */
const SESSION_SECONDS_DEFAULT = 3_600;

/** How long a session policy may be. Unit: characters. Source: STS API reference, AssumeRole. */
const SESSION_POLICY_CHARS_MAX = 2_048;

/**
 * Gives credentials of a role to whom its trust policy names. It has no `access`, because the trust policy
 * has a say in the decision, and the refusal is in STS's own words.
 *
 * Errors: `AccessDenied`, `MalformedPolicyDocument`, `ValidationError`. Source: STS API reference, AssumeRole.
 */
export const assumeRole = operation<Sts, Input<"AssumeRole">, Output<"AssumeRole">>({
  name: "AssumeRole",
  async run(input, { store, identity }, call: Call<Caller>) {
    const policy = sessionPolicy(input);
    const role = await store.read.first(findRoleByArn, { arn: input.RoleArn });
    if (!role || !(await isTrusted(role, input, identity, call))) throw mayNotAssume(call.principal.arn, input.RoleArn);
    const durationSeconds = duration(input, role, call.principal);
    const { RoleArn: roleArn, RoleSessionName: sessionName } = input;
    const session = identity.issueSession({ roleArn, sessionName, durationSeconds, ...policy, now: call.now });
    const arn = `arn:aws:sts::${accountOfArn(roleArn)}:assumed-role/${role.name}/${sessionName}`;
    return {
      Credentials: toCredentials(session),
      AssumedRoleUser: { AssumedRoleId: `${role.id}:${sessionName}`, Arn: arn },
      ...(input.Policy && { PackedPolicySize: Math.ceil((100 * input.Policy.length) / SESSION_POLICY_CHARS_MAX) }),
      ...(input.SourceIdentity && { SourceIdentity: input.SourceIdentity }),
    };
  },
});

function sessionPolicy({ Policy: text, PolicyArns }: Input<"AssumeRole">): { readonly policy?: PolicyDocument } {
  if (PolicyArns?.length) throw invalid("PolicyArns is not supported by Penstock; give the statements in Policy.");
  if (text === undefined) return {};
  if (text.length > SESSION_POLICY_CHARS_MAX) {
    const constraint = `Member must have length less than or equal to ${SESSION_POLICY_CHARS_MAX}`;
    throw invalid(`1 validation error detected: Value at 'policy' failed to satisfy constraint: ${constraint}`);
  }
  const checked = checkPolicy(text, "session");
  if (!checked.ok) throw malformedPolicy(checked.problem);
  return { policy: checked.document };
}

async function isTrusted(
  role: RoleTable,
  input: Input<"AssumeRole">,
  identity: Sts["identity"],
  { principal }: Call<Caller>,
): Promise<boolean> {
  const decision = await identity.authorize({
    caller: principal,
    action: "sts:AssumeRole",
    resource: role.arn,
    resourcePolicy: storedPolicy(role.trust_policy, "trust"),
    context: {
      "sts:RoleSessionName": input.RoleSessionName,
      ...(input.ExternalId && { "sts:ExternalId": input.ExternalId }),
      ...(input.SourceIdentity && { "sts:SourceIdentity": input.SourceIdentity }),
    },
  });
  return decision.allowed;
}

function duration(
  { DurationSeconds: seconds = SESSION_SECONDS_DEFAULT }: Input<"AssumeRole">,
  role: RoleTable,
  caller: Caller,
) {
  if (caller.type === "session" && seconds > SESSION_SECONDS_DEFAULT) throw chainedTooLong();
  if (seconds > role.max_session_seconds) throw longerThanRoleAllows();
  return seconds;
}
