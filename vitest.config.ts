import { configDefaults, defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from a default export.
export default defineConfig({
  test: {
    include: ["{packages,conformance,benchmarks,tools,examples,docs}/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "**/.tools/**"],
    reporters: ["default", "./tools/closing-line-reporter.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
