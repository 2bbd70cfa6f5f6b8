/** Finds the operation of a REST request: method, path, the query's subresources, and what an operation cannot do without. */
import { type ServiceModel, structureOf } from "../model.ts";
import type { WireRequest } from "../request.ts";
import { decodePercent } from "../uri.ts";

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: RegExp;
  readonly labels: readonly string[];
  /** Such as `list-type=2`, or a bare `policy`. */
  readonly literals: readonly (readonly [name: string, value: string | undefined])[];
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
  /** More for a route that asks for more; the operations that we know win over the others. */
  readonly weight: number;
}

export interface RouteFound {
  readonly name: string;
  /** Decoded; a malformed escape makes the whole undefined. */
  readonly labels: Readonly<Record<string, string>> | undefined;
}

const routesByModel = new WeakMap<ServiceModel, readonly Route[]>();

/** The operation of a request, among all of the model. `path` may differ from the request's: S3's bucket can be in the host. */
export function findRoute(model: ServiceModel, request: WireRequest, path: string): RouteFound | undefined {
  for (const route of routesOf(model)) {
    if (route.method !== request.method) continue;
    const match = route.path.exec(path);
    if (match && isAsked(route, request)) return { name: route.name, labels: readLabels(route, match) };
  }
  return undefined;
}

function routesOf(model: ServiceModel): readonly Route[] {
  const known = routesByModel.get(model);
  if (known) return known;
  const compiled = compileRoutes(model);
  routesByModel.set(model, compiled);
  return compiled;
}

function isAsked(route: Route, request: WireRequest): boolean {
  const has = (name: string, value?: string) =>
    request.parameters.some((one) => one.name === name && (value === undefined || one.value === value));
  return (
    route.literals.every(([name, value]) => has(name, value)) &&
    route.requiredQuery.every((name) => has(name)) &&
    route.requiredHeaders.every((name) => request.headers[name] !== undefined)
  );
}

function readLabels(route: Route, match: RegExpExecArray): Readonly<Record<string, string>> | undefined {
  const labels: Record<string, string> = {};
  for (const [index, name] of route.labels.entries()) {
    const value = decodePercent(match[index + 1] ?? "");
    if (value === undefined) return undefined;
    labels[name] = value;
  }
  return labels;
}

function compileRoutes(model: ServiceModel): readonly Route[] {
  const known = Object.entries(model.operations).map(([name, { http = "", input }]) => {
    const members = input ? structureOf(model, input) : undefined;
    const required = (location: string) =>
      (members?.required ?? []).flatMap((name) => {
        const member = members?.members[name];
        return member?.location === location ? [member.locationName ?? name] : [];
      });
    return compileRoute(name, http, required("querystring"), required("header"), 1);
  });
  const others = Object.entries(model.others).map(([name, http]) => compileRoute(name, http, [], [], 0));
  return [...known, ...others].sort((a, b) => b.weight - a.weight);
}

function compileRoute(
  name: string,
  http: string,
  requiredQuery: readonly string[],
  requiredHeaders: readonly string[],
  preference: number,
): Route {
  const [method = "", uri = ""] = http.split(" ");
  const [template = "", query = ""] = uri.split("?");
  const labels: string[] = [];
  const pattern = template.replace(/\{(\w+)(\+?)\}|[.*+?^$()|[\]\\]/g, (text, label?: string, greedy?: string) => {
    if (!label) return `\\${text}`;
    labels.push(label);
    return greedy ? "([^]+)" : "([^/]+)";
  });
  const literals = query
    .split("&")
    .filter(Boolean)
    .map((literal) => {
      const [literalName = "", value] = literal.split("=");
      return [literalName, value] as const;
    });
  const demands = literals.length * 2 + requiredQuery.length + requiredHeaders.length;
  return {
    name,
    method,
    // A trailing slash means the same, as older clients send it, but not where it belongs to an object's key.
    path: new RegExp(`^${pattern}${template.endsWith("+}") || template === "/" ? "" : "/?"}$`),
    labels,
    literals,
    requiredQuery,
    requiredHeaders: requiredHeaders.map((header) => header.toLowerCase()),
    weight: demands * 2 + preference,
  };
}
