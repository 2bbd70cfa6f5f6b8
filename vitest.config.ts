import { configDefaults, defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from a default export.
export default defineConfig({
  // Tests are about the sources of the toolkit, also where they import it by its name.
  ssr: { resolve: { conditions: ["@penstock/source", "node", "development|production"] } },
  test: {
    include: ["{packages,conformance,benchmarks,tools,examples,docs}/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "**/.tools/**", "**/templates/**"],
    reporters: ["default", "./tools/closing-line-reporter.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
