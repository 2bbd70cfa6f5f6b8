import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programsOnPath, run } from "./run.mjs";

/**
 * What the tests of functions in other languages need and hardly any machine has, taken from Debian's packages: as files
 * below `.tools/debian/<name>`, nothing is installed, nothing of the system's apt is touched, and no root is needed.
 */
const SETS = [
  {
    // Of 2020: it knows no AWS_ENDPOINT_URL, and works with Python 3.6.
    name: "boto3",
    release: "bullseye",
    packages: [
      ...["boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six"],
      ...["requests", "chardet", "idna", "certifi"],
    ].map((one) => `python3-${one}`),
    leftOut: [],
  },
  {
    // The compiler with both versions of the AWS SDK, of 2022.
    name: "go",
    packages: [
      "golang-1.19-go",
      "golang-1.19-src",
      "golang-github-aws-aws-sdk-go-dev",
      "golang-github-aws-aws-sdk-go-v2-dev",
      "golang-github-aws-smithy-go-dev",
      "golang-github-google-go-cmp-dev",
      "golang-github-jmespath-go-jmespath-dev",
      "golang-github-pkg-errors-dev",
      "golang-golang-x-net-dev",
      "golang-golang-x-text-dev",
    ],
    // Most services, which are most of it.
    leftOut: ["./usr/share/go-*/test", "*/aws-sdk-go/models", "*/aws-sdk-go*/service/[!cis]*"],
  },
  {
    // Crates for a machine that has Rust: TLS and what a signature needs.
    name: "rust",
    packages: [
      ...["openssl", "openssl-sys", "openssl-macros", "foreign-types-0.3", "foreign-types-shared-0.1", "bitflags"],
      ...["cfg-if", "libc", "once-cell", "cc", "pkg-config", "vcpkg", "autocfg"],
      ...["proc-macro2", "quote", "syn", "unicode-ident"],
    ].map((crate) => `librust-${crate}-dev`),
    leftOut: [],
  },
];

const TIMEOUT_MS = 5 * 60_000;

/** Brings what is not there yet. What cannot be had is told and no failure: the tests that need it are skipped. */
export function bringDebianPackages({ root, say }) {
  const folder = join(root, ".tools", "debian");
  const missing = SETS.filter((set) => !isThere(join(folder, set.name), set));
  if (missing.length === 0) return;
  if (programsOnPath(/^(apt-get|dpkg-deb)$/).length < 2) {
    say("this is no Debian, so some tests of functions in other languages are skipped");
    return;
  }
  const work = join(folder, "work");
  try {
    for (const set of missing) {
      const error = bring(set, folder, work);
      if (error) say(`no ${set.name} from Debian's packages, so its tests are skipped: ${error}`);
      else say(`brought ${set.name} for the tests`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function isThere(place, set) {
  const note = join(place, "packages.json");
  return existsSync(note) && readFileSync(note, "utf8") === JSON.stringify(set);
}

/** Answers why it could not be brought, if so. */
function bring(set, folder, work) {
  const here = join(work, set.name);
  for (const part of ["debs", "unpacked"]) mkdirSync(join(here, part), { recursive: true });
  const options = listsOf(set.release ?? "own", work);
  const fetched = aptGet([...options, "download", ...set.packages], join(here, "debs"));
  if (!fetched.ok) return fetched.error;
  const leftOut = set.leftOut.map((pattern) => `--exclude=${pattern}`);
  const unpacked = run("sh", ["-c", UNPACK, "sh", ...leftOut], { cwd: here });
  if (!unpacked.ok) return unpacked.error;
  writeFileSync(join(here, "unpacked", "packages.json"), JSON.stringify(set));
  rmSync(join(folder, set.name), { recursive: true, force: true });
  renameSync(join(here, "unpacked"), join(folder, set.name));
  return undefined;
}

const UNPACK = 'for deb in debs/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x -C unpacked "$@" || exit 1; done';

/** Options by which apt knows a release's packages; they are looked up once. */
function listsOf(release, work) {
  const state = join(work, release);
  const settings = [`Dir::State::lists=${state}/lists`, `Dir::Cache=${state}/cache`, ...SETTINGS];
  const own = settings.flatMap((setting) => ["-o", setting]);
  const options = release === "own" ? own : [...own, ...sourceOf(release, work)];
  if (existsSync(state)) return options;
  for (const part of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(state, part), { recursive: true });
  aptGet([...options, "update"]); // Some of several sources may fail; what matters is whether there is something to download.
  return options;
}

/** Not to wait for long; and what is installed here is no candidate. */
const SETTINGS = ["Acquire::Retries=0", "Acquire::http::Timeout=15", "Dir::State::status=/dev/null"];

/** Another release from the mirror that the machine uses for its own. */
function sourceOf(release, work) {
  const list = join(work, `${release}.list`);
  if (!existsSync(list)) {
    const targets = ["indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"];
    const { stdout } = run("apt-get", [...listsOf("own", work), ...targets]);
    const mirror = /^Debian (\S+\/debian\/?)$/m.exec(stdout)?.[1];
    writeFileSync(list, mirror ? `deb ${mirror} ${release} main\n` : "");
  }
  return ["-o", `Dir::Etc::sourcelist=${list}`, "-o", "Dir::Etc::sourceparts=-"];
}

function aptGet(options, cwd) {
  return run("apt-get", ["-qq", ...options], { cwd, timeoutMs: TIMEOUT_MS });
}
