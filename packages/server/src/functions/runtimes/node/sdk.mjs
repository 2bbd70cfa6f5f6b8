// The AWS SDK, which Lambda's Node brings along: where to find it.

import * as nodeModule from "node:module";
import { dirname } from "node:path";
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

/** Imports what a function in a folder is sure to import, as from there. What fails is left to the function's own import. */
export async function importAhead(names, folder) {
  if (names.length === 0 || !nodeModule.registerHooks) return;
  const parentURL = pathToFileURL(`${folder}/ahead.mjs`).href;
  const hooks = nodeModule.registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith(AHEAD)
        ? next(specifier.slice(AHEAD.length), { ...context, parentURL })
        : next(specifier, context),
  });
  await Promise.allSettled(names.map((name) => import(AHEAD + name)));
  hooks.deregister();
}

const AHEAD = "penstock-ahead:";

export function sdkHint(error) {
  const name = /'(@aws-sdk\/[^'/]+|@smithy\/[^'/]+|aws-sdk)/.exec(error.message)?.[1];
  if (!name) return "";
  const looked = sdkDirs.length > 0 ? sdkDirs.join(", ") : "no other folder";
  const remedy = `Run 'npm install ${name}' in the function's folder, or bundle it.`;
  return `\n${LAMBDA_BRINGS[name === "aws-sdk" ? 2 : 3]}; here it was looked for in the function's folder and in ${looked}. ${remedy}`;
}

/** Source: Lambda developer guide, "Runtime-included SDK versions". */
const LAMBDA_BRINGS = {
  2: "Lambda's Node brings version 2 of the AWS SDK along up to nodejs16.x, and none from nodejs18.x on",
  3: "Lambda's Node brings the AWS SDK along",
};
