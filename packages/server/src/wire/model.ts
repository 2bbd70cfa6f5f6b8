import { InvariantError } from "./error.ts";

/**
 * A service's model as our generator leaves it: the "service-2" format of the official models, without
 * documentation and without what no protocol needs. `tools/generate-models.ts` writes the values.
 */

/** The four protocols that the services speak. */
export type Protocol = "json" | "rest-json" | "rest-xml" | "query";

export interface ServiceModel {
  /** The name in a signature's scope, such as `codepipeline`. */
  readonly name: string;
  readonly apiVersion: string;
  readonly protocol: Protocol;
  /** Before the dot in `X-Amz-Target`; JSON services only. */
  readonly targetPrefix?: string;
  readonly xmlNamespace?: string;
  /** Errors that spell their text `Message` rather than `message`; REST JSON services only. */
  readonly capitalMessages?: readonly string[];
  readonly operations: Readonly<Record<string, OperationModel>>;
  /** Operations of the service whose shapes we do not keep: `METHOD uri` by name, empty where the protocol has no URIs. */
  readonly others: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export interface OperationModel {
  /** `METHOD uri`, REST protocols only, such as `PUT /{Bucket}?policy`. */
  readonly http?: string;
  /** The status of a success where it is not 200. */
  readonly status?: number;
  readonly input?: string;
  readonly output?: string;
  /** The root element of an XML reply, where it is not the output shape's name. */
  readonly root?: string;
  /** The only member of the output is the root element itself, as in S3's `GetBucketLocation`. */
  readonly unwrapped?: true;
}

export type Shape = StructureShape | ListShape | MapShape | ScalarShape;

export interface StructureShape {
  readonly type: "structure";
  readonly members: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  /** The member that is the body. */
  readonly payload?: string;
  readonly sensitive?: boolean;
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string };
}

export interface ListShape {
  readonly type: "list";
  readonly member: Member;
  readonly min?: number;
  readonly max?: number;
  readonly flattened?: boolean;
  readonly sensitive?: boolean;
}

export interface MapShape {
  readonly type: "map";
  readonly key: Member;
  readonly value: Member;
  readonly min?: number;
  readonly max?: number;
  readonly sensitive?: boolean;
}

export interface ScalarShape {
  readonly type: "string" | "boolean" | "integer" | "long" | "float" | "double" | "timestamp" | "blob";
  readonly min?: number;
  readonly max?: number;
  /** Matched against the whole value, although it is not anchored. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
  readonly streaming?: boolean;
  readonly timestampFormat?: "iso8601" | "rfc822" | "unixTimestamp";
}

/** A reference to a shape, with where the value stands on the wire. */
export interface Member {
  readonly shape: string;
  readonly location?: "uri" | "querystring" | "header" | "headers" | "statusCode";
  readonly locationName?: string;
  readonly streaming?: boolean;
  readonly flattened?: boolean;
  readonly xmlAttribute?: boolean;
  readonly idempotencyToken?: boolean;
  readonly timestampFormat?: "iso8601" | "rfc822" | "unixTimestamp";
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string };
}

/** A shape by its name. */
export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  if (!shape) throw new InvariantError(`The model of ${model.name} has no shape ${name}`);
  return shape;
}

/** A structure by its name. */
export function structureOf(model: ServiceModel, name: string): StructureShape {
  const shape = shapeOf(model, name);
  if (shape.type !== "structure") throw new InvariantError(`${name} of ${model.name} is not a structure`);
  return shape;
}

/** Whether a member is a body that streams. */
export function isStreaming(model: ServiceModel, member: Member): boolean {
  const shape = shapeOf(model, member.shape);
  return member.streaming === true || (shape.type === "blob" && shape.streaming === true);
}

/** Compiles something for a shape on first use and keeps it as long as the model. */
export function perShape<T>(
  compile: (model: ServiceModel, name: string) => T,
): (model: ServiceModel, name: string) => T {
  const byModel = new WeakMap<ServiceModel, Map<string, T>>();
  return (model, name) => {
    const compiled = byModel.get(model) ?? new Map<string, T>();
    if (compiled.size === 0) byModel.set(model, compiled);
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const made = compile(model, name);
    compiled.set(name, made);
    return made;
  };
}

/** Sets a member of a plain object even where a client names it `__proto__`. */
export function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
