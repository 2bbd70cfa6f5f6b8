type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that have a value: an output names only what is there. */
export function given<T extends object>(members: T): Given<T> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  // What was left out is exactly what `Given` leaves out.
  return Object.fromEntries(entries) as Given<T>;
}
