// The AWS SDK, which Lambda's Node brings along: where to find it, and where it is to call.

import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

let sdkDirs = [];

const SDK = /^(@aws-sdk\/|@smithy\/|aws-sdk($|\/))/;

/** Lambda's Node brings the AWS SDK along; a function that does not bundle it finds it in the folders we were given. */
export function resolveSdkFromElsewhere(directories) {
  sdkDirs = directories;
  const parents = directories.map((directory) => `${dirname(directory)}/sdk.js`);
  if (parents.length === 0) return;
  nodeModule.registerHooks?.({ resolve: resolveWithSdk(parents) });
  wrapResolveFilename(parents); // The hook decides for import, this for require.
}

function resolveWithSdk(parents) {
  return (specifier, context, next) => {
    if (!SDK.test(specifier)) return next(specifier, context);
    try {
      return next(specifier, context);
    } catch (error) {
      for (const parent of parents) {
        try {
          return next(specifier, { ...context, parentURL: pathToFileURL(parent).href });
        } catch {
          // The next folder may have it; if none has, the function's own error is the one that tells.
        }
      }
      throw error;
    }
  };
}

function wrapResolveFilename(parents) {
  const { Module } = nodeModule;
  const original = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, isMain, options) {
    try {
      return original.call(this, request, parent, isMain, options);
    } catch (error) {
      if (!SDK.test(request)) throw error;
      const paths = parents.map(dirname);
      try {
        return original.call(this, request, parent, isMain, { paths });
      } catch {
        throw error;
      }
    }
  };
}

export function sdkHint(error) {
  const name = /'(@aws-sdk\/[^'/]+|@smithy\/[^'/]+|aws-sdk)/.exec(error.message)?.[1];
  if (!name) return "";
  const looked = sdkDirs.length > 0 ? sdkDirs.join(", ") : "no other folder";
  return `\nLambda's Node brings the AWS SDK along; here it was looked for in the function's folder and in ${looked}. Run 'npm install ${name}' in the function's folder, or bundle it.`;
}

/**
 * Version 2 of the SDK does not know AWS_ENDPOINT_URL; a client that names its own endpoint keeps it. Each of its ways
 * in loads `node_loader` first, which makes the configuration that every client starts from.
 */
export function redirectOldSdk() {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  if (!endpoint) return;
  const { Module } = nodeModule;
  const original = Module._load;
  Module._load = function (request, parent, isMain) {
    const loaded = original.call(this, request, parent, isMain);
    if (!request.endsWith("node_loader")) return loaded;
    const file = Module._resolveFilename(request, parent, isMain);
    const sdk = Module._cache[join(dirname(file), "core.js")]?.exports;
    if (sdk?.Service && sdk.config?.update) sdk.config.update({ endpoint, s3ForcePathStyle: true });
    return loaded;
  };
}
