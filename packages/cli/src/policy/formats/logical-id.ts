/** A name of letters and digits that no other role of the list gets: `demo-publish` to `DemoPublish`. */
export function logicalIds(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    names.map((name) => {
      const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
      const base = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("") || "Role";
      const start = /^\d/.test(base) ? `Role${base}` : base;
      let id = start;
      for (let count = 2; taken.has(id); count++) id = `${start}${count}`;
      taken.add(id);
      return [name, id];
    }),
  );
}

/** `DemoPublish` to `demo_publish`. */
export function snakeCase(id: string): string {
  return id.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}

/** `DemoPublish` to `demoPublish`. */
export function camelCase(id: string): string {
  return id.charAt(0).toLowerCase() + id.slice(1);
}
