const CONFIG = /\{Config:([^{}]+)\}/g;

/** The configuration keys that a URL template refers to, as `{Config:name}`. */
export function templateKeys(template: string): readonly string[] {
  return [...template.matchAll(CONFIG)].map(([, key = ""]) => key);
}

/**
 * Fills in a URL template. Answers undefined as long as it needs an external execution id and there is none: a link
 * that leads nowhere is worse than none.
 *
 * Source: user guide, "Create a custom action", for the placeholders. That values are percent-encoded is our choice.
 */
export function fillUrlTemplate(
  template: string,
  configuration: Readonly<Record<string, string>>,
  externalExecutionId?: string,
): string | undefined {
  if (template.includes("{ExternalExecutionId}") && externalExecutionId === undefined) return undefined;
  return template
    .replaceAll("{ExternalExecutionId}", () => encodeURIComponent(externalExecutionId ?? ""))
    .replace(CONFIG, (_, key: string) => encodeURIComponent(configuration[key] ?? ""));
}
