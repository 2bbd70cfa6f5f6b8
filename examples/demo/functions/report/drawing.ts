/** The drawing, without AWS: a summary and a template in, a page out. */
import { Refused } from "./job.ts";

export interface Summary {
  readonly centsByCountry: Readonly<Record<string, number>>;
}

export function parseSummary(text: string): Summary {
  const { centsByCountry } = JSON.parse(text);
  if (typeof centsByCountry !== "object" || centsByCountry === null) {
    throw new Refused("RevisionOutOfSync", "summary.json has no centsByCountry; it is another version's");
  }
  return { centsByCountry };
}

/** The next few bars, longest for the best country, as HTML. */
export function drawBars({ centsByCountry }: Summary, drawnCount: number, count: number): readonly string[] {
  const longest = Math.max(...Object.values(centsByCountry), 1);
  const next = Object.entries(centsByCountry).slice(drawnCount, drawnCount + count);
  return next.map(([country, cents]) => {
    const percent = Math.max(0, Math.round((100 * cents) / longest));
    return `<div class="bar" style="width: ${percent}%">${escapeHtml(country)} ${(cents / 100).toFixed(2)}</div>`;
  });
}

/** Puts values into the places that the template marks as `{{name}}`: a list as it is, a text with HTML's characters escaped. */
export function fillTemplate(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) {
      throw new Refused(
        "ConfigurationError",
        `report.html asks for {{${name}}}; there is ${Object.keys(values).join(", ")}`,
      );
    }
    return Array.isArray(value) ? value.join("\n    ") : escapeHtml(String(value));
  });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
