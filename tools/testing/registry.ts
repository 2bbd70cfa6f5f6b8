/**
 * A registry on loopback for tests that install Penstock as its users do: it has this workspace's packages as
 * `npm pack` makes them, and whatever else is installed in the workspace. So `npm install` needs no network.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What is published from here, and where it lies in the workspace. */
const PUBLISHED: Readonly<Record<string, string>> = {
  penstock: "packages/cli",
  "@penstock/toolkit": "packages/toolkit",
};

export interface Registry extends AsyncDisposable {
  readonly url: string;
  /** For a process that runs npm: the registry, a cache of its own, and nothing of this machine's settings. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Packs and serves. */
export async function startRegistry(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "penstock-registry-"));
  const packages = new Map([...installedPackages(), ...packPublished(folder)]);
  const server = createServer((request, response) => {
    answer(decodeURIComponent(request.url ?? ""), packages, folder, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port, not on a pipe
  return {
    url,
    environment: {
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|PENSTOCK_)/i.test(name)),
      ),
      PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
      npm_config_registry: url,
      npm_config_cache: join(folder, "cache"),
      npm_config_userconfig: join(folder, "no-npmrc"),
      npm_config_update_notifier: "false",
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_progress: "false",
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Manifest {
  readonly name: string;
  readonly version: string;
}

/** One version of a package: its manifest and its bytes. */
interface Version {
  readonly manifest: Manifest;
  tarball(scratch: string): Buffer;
}

function packPublished(folder: string): readonly (readonly [string, Version[]])[] {
  return Object.entries(PUBLISHED).map(([name, place]) => {
    const printed = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
      cwd: join(ROOT, place),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    const file = join(folder, /"filename": "([^"]+)"/.exec(printed)?.[1] ?? "");
    const manifest = execFileSync("tar", ["-xzOf", file, "package/package.json"], { encoding: "utf8" });
    return [name, [{ manifest: JSON.parse(manifest) as Manifest, tarball: () => readFileSync(file) }]];
  });
}

/** All versions of all packages, as npm noted what it installed. */
function installedPackages(): ReadonlyMap<string, Version[]> {
  const note = readFileSync(join(ROOT, "node_modules", ".package-lock.json"), "utf8");
  const { packages } = JSON.parse(note) as { packages: Readonly<Record<string, object>> }; // npm's own note
  const found = new Map<string, Version[]>();
  for (const place of Object.keys(packages)) {
    const file = join(ROOT, place, "package.json");
    if (!place.startsWith("node_modules/") || !existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
    const tarball = (scratch: string) => tarOf(join(ROOT, place), scratch);
    found.set(manifest.name, [...(found.get(manifest.name) ?? []), { manifest, tarball }]);
  }
  return found;
}

function tarOf(place: string, scratch: string): Buffer {
  const folder = mkdtempSync(join(scratch, "tar-"));
  symlinkSync(place, join(folder, "package"));
  const options = ["-chzf", "-", "--exclude=node_modules", "-C", folder, "package"];
  return execFileSync("tar", options, { maxBuffer: TARBALL_BYTES_MAX });
}

const TARBALL_BYTES_MAX = 100 * 1024 * 1024;

const TARBALL = /^\/-\/(.+)\/([^/]+)\.tgz$/;

function answer(
  path: string,
  packages: ReadonlyMap<string, readonly Version[]>,
  scratch: string,
  response: ServerResponse,
): void {
  const [, named, number] = TARBALL.exec(path) ?? [];
  const name = named ?? path.slice(1);
  const versions = packages.get(name) ?? [];
  if (number !== undefined) {
    response.end(versions.find(({ manifest }) => manifest.version === number)?.tarball(scratch));
    return;
  }
  response.writeHead(versions.length > 0 ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(documentOf(name, versions, response.req.headers.host ?? "")));
}

function documentOf(name: string, versions: readonly Version[], host: string): object {
  if (versions.length === 0) return { error: `${name} is not installed in the workspace` };
  const listed = versions.map(({ manifest }) => {
    const dist = { tarball: `http://${host}/-/${name}/${manifest.version}.tgz` };
    return [manifest.version, { ...manifest, dist }] as const;
  });
  return { name, "dist-tags": { latest: listed[0]?.[0] }, versions: Object.fromEntries(listed) };
}
