/** Numbers as people read them. */

/** `12ms`, `1.2s`, `1m 03s`, `2h 05m`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${twoDigits(Math.floor((seconds % 3600) / 60))}m`;
}

/** `0 B`, `1023 B`, `1.0 KB`, `2.4 MB`: 1024 bytes to the KB. */
export function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KB", "MB", "GB", "TB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Time since the start, as wide for every line: `+  0.123s`. */
export function sinceStart(ms: number): string {
  return `+${(Math.max(0, ms) / 1000).toFixed(3).padStart(7)}s`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
