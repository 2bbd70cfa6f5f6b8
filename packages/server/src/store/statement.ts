import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Tables } from "./tables.ts";

/**
 * A query that is built once by Kysely and then run many times by its SQL text.
 *
 * Kysely builds queries from values; we give it markers in their place, and remember in which order
 * the markers came out. Running the statement is then one lookup and one bind.
 */
export interface Statement<P, R> {
  readonly compiled: () => CompiledStatement<P>;
  /** Only there to carry the row's type. */
  readonly row?: R;
}

export interface CompiledStatement<P> {
  readonly sql: string;
  /** What to bind, in order: a parameter's name, or a value that the query fixes. */
  readonly binds: readonly ({ readonly name: keyof P & string } | { readonly value: unknown })[];
}

interface Compilable<R> {
  compile(): CompiledQuery<R>;
}

class Marker {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** The query builder. It has no connection: statements are run by a transaction or a reader. */
export const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/**
 * Declares a statement, with its parameters by name:
 * `statement<{ id: string }, JobRow>((p) => db.selectFrom("job").selectAll().where("id", "=", p.id))`.
 */
export function statement<P extends object, R = unknown>(build: (params: P) => Compilable<R>): Statement<P, R> {
  let compiled: CompiledStatement<P> | undefined;
  return {
    compiled: () => {
      compiled ??= compile(build);
      return compiled;
    },
  };
}

function compile<P extends object, R>(build: (params: P) => Compilable<R>): CompiledStatement<P> {
  // The proxy answers a marker for every name, so it stands for any P as long as the query only passes values on.
  const markers = new Proxy({}, { get: (_, name) => new Marker(String(name)) }) as P;
  const { sql, parameters } = build(markers).compile();
  const binds = parameters.map((parameter) =>
    // A marker's name was read off P, so it is one of its keys.
    parameter instanceof Marker ? { name: parameter.name as keyof P & string } : { value: parameter },
  );
  return { sql, binds };
}
