import { resolve } from "node:path";
import { command, runCommand } from "../command-line.ts";
import { EXIT } from "../failure.ts";
import { packageFunction } from "../packaging/package-function.ts";
import { packageLines } from "../packaging/show-package.ts";
import { selectFunction } from "../project/select-function.ts";

const declared = command({
  name: "package",
  about: "Makes the zip of a function that Lambda takes.",
  argument: { name: "<function>", about: "Path to a handler, or the name of a function in ./penstock.yaml" },
  options: {
    out: { value: "FILE", about: "Write it there (default ./NAME.zip)" },
    runtime: { value: "RUNTIME", about: "Lambda runtime, such as nodejs22.x (default: by the file)" },
    external: { value: "PACKAGE", repeated: true, about: "Leave a package to a layer" },
    include: { value: "PATH", repeated: true, about: "A file or folder that the code reads, relative to it" },
    "with-sdk": { about: "Put the AWS SDK in, instead of taking the one that the runtime has" },
    minify: { about: "Make the bundle small, with short names of functions and classes" },
    s3: { about: "It goes through a bucket, so more than 50 MB are fine" },
    json: { about: "Print one JSON document, and nothing else" },
  },
  examples: [
    { about: "A function of ./penstock.yaml", command: "penstock package demo-render" },
    {
      about: "A handler, with a template that it reads",
      command: "penstock package src/render.handler --include report.html",
    },
  ],
  more: [
    "A Node function becomes one file with its source map, bundled by esbuild, which its project must have installed. It is an ES module where its source is one and the runtime loads them. The AWS SDK and what lies in /opt stay out. Python and provided functions are their folder, without caches.",
    "The same input gives the same zip: entries are sorted, with fixed times and modes.",
    "Exit status: 0 it is written, 2 it cannot be bundled or Lambda would refuse it, 3 esbuild is missing.",
  ],
});

/** `penstock package`. */
export function functionPackage(args: readonly string[]): Promise<number> {
  return runCommand(declared, args, async ({ argument, options }) => {
    const { runtime, external, include, minify, json, s3: forS3, "with-sdk": withSdk } = options;
    const selected = await selectFunction({ target: argument, runtime, environment: {} });
    const out = resolve(options.out ?? `${selected.functionName}.zip`);
    const packaged = await packageFunction(selected, { out, external, include, withSdk, minify, forS3 });
    if (json) process.stdout.write(`${JSON.stringify(packaged, null, 2)}\n`);
    else {
      for (const note of packaged.notes) process.stderr.write(`note: ${note}\n`);
      process.stdout.write(`${packageLines(packaged, forS3).join("\n")}\n`);
    }
    return EXIT.fine;
  });
}
