import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFifo, openWorkbench, type Workbench } from "./testing/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = openWorkbench();
});
afterEach(async () => {
  await bench.close();
});

const python = (code: string, spec = {}) =>
  bench.write({ "app.py": code }, { runtime: "python3.11", handler: "app.handler", ...spec });

describe("environments", () => {
  const PID = "import os\ndef handler(event, context):\n  return os.getpid()";
  /** Returns once the named file is there, which the test creates by another call. */
  const MEET = `import os, time
def handler(event, context):
  open(event['mine'], 'w').close()
  while not os.path.exists(event['other']): time.sleep(0.001)
  return os.getpid()`;

  test("a warm one is used again, and only the first attempt has an init time", async () => {
    const spec = python(PID);
    const first = await bench.run(spec);
    const second = await bench.run(spec);
    expect(second.value).toBe(first.value);
    expect([first.initMs !== undefined, second.initMs]).toEqual([true, undefined]);
    expect(first.lines.at(-1)).toContain("Init Duration: ");
    expect(second.lines.at(-1)).not.toContain("Init Duration: ");
  });

  test("two attempts at the same time run in two", async () => {
    const spec = python(MEET);
    const [a, b] = [join(bench.folder, "a"), join(bench.folder, "b")];
    const [one, two] = await Promise.all([
      bench.run(spec, { mine: a, other: b }),
      bench.run(spec, { mine: b, other: a }),
    ]);
    expect(typeof one.value).toBe("number");
    expect(one.value).not.toBe(two.value);
  });

  test("a call that comes while the one before is returning waits for its environment, and no other starts", async () => {
    let processes = 0;
    const credentialsFor = () => {
      processes++;
      return { accessKeyId: "A", secretAccessKey: "s", sessionToken: "t", expiresAt: Date.now() + 3_600_000 };
    };
    const patient = openWorkbench({ limits: { holdBackMs: 1_000_000 }, credentialsFor });
    const spec = patient.write({ "app.py": PID }, { runtime: "python3.11", handler: "app.handler" });
    const { value } = await patient.run(spec);
    const ends = await Promise.all([patient.run(spec), patient.run(spec), patient.run(spec)]);
    await patient.close();
    expect(processes).toBe(1);
    expect(ends.map((end) => end.value)).toEqual([value, value, value]);
  });

  test("no more run at once than the limit; the rest wait and are served", async () => {
    const narrow = openWorkbench({ limits: { environmentsMax: 1 } });
    const files = { "app.py": PID };
    const [f, g] = [1, 2].map(() => narrow.write(files, { runtime: "python3.11", handler: "app.handler" }));
    if (!f || !g) throw new Error("two functions");
    const ends = await Promise.all([narrow.run(f), narrow.run(g), narrow.run(f), narrow.run(g)]);
    await narrow.close();
    expect(ends.map(({ outcome }) => outcome)).toEqual(Array(4).fill("returned"));
  });

  test("one more waiting attempt than the limit is refused as Lambda refuses it", async () => {
    const narrow = openWorkbench({ limits: { environmentsPerFunctionMax: 1, waitingMax: 1 } });
    const spec = narrow.write({ "app.py": PID }, { runtime: "python3.11", handler: "app.handler" });
    const first = narrow.run(spec);
    await expect(narrow.run(spec)).rejects.toMatchObject({ code: "TooManyRequestsException", status: 429 });
    expect((await first).outcome).toBe("returned");
    await narrow.close();
  });

  test("a prestarted one takes the first attempt", async () => {
    const started = openFifo(bench.folder, "prestart");
    const spec = python(`pipe = open('${started.path}', 'w')\nprint('x', file=pipe, flush=True)\n${PID}`);
    bench.host.prestart(spec);
    await started.open;
    bench.host.prestart(spec);
    expect((await bench.run(spec)).outcome).toBe("returned");
    await bench.host.stop();
    expect(await started.closed).toBe("x\n");
  });

  test("retire ends those of other revisions and keeps the one named", async () => {
    const old = python(PID, { name: "changed", revisionId: "1" });
    const fresh = python(PID, { name: "changed", revisionId: "2" });
    const [oldPid, freshPid] = [(await bench.run(old)).value, (await bench.run(fresh)).value];
    await bench.host.retire(old.arn, "2");
    expect(() => process.kill(Number(oldPid), 0)).toThrow("ESRCH");
    expect((await bench.run(fresh)).value).toBe(freshPid);
  });

  test("retire lets a running attempt come to its end", async () => {
    const [mine, other] = [join(bench.folder, "mine"), join(bench.folder, "other")];
    const spec = python(MEET);
    const running = bench.run(spec, { mine, other });
    await bench.host.retire(spec.arn);
    const other2 = bench.run(spec, { mine: other, other: mine });
    expect((await running).outcome).toBe("returned");
    expect((await other2).outcome).toBe("returned");
  });

  test("one whose credentials are about to end is replaced", async () => {
    const nearlyOver = () => ({ accessKeyId: "A", secretAccessKey: "s", sessionToken: "t", expiresAt: 1_000_000 });
    const brief = openWorkbench({ credentialsFor: nearlyOver, now: () => 999_000 });
    const spec = brief.write({ "app.py": PID }, { runtime: "python3.11", handler: "app.handler" });
    const pids = [(await brief.run(spec)).value, (await brief.run(spec)).value];
    await brief.close();
    expect(pids[0]).not.toBe(pids[1]);
  });

  test("an idle one ends after its time", async () => {
    const brief = openWorkbench({ limits: { idleMsMax: 1 } });
    const alive = openFifo(bench.folder, "idle");
    const code = `pipe = open('${alive.path}', 'w')\nprint('x', file=pipe, flush=True)\n${PID}`;
    await brief.run(brief.write({ "app.py": code }, { runtime: "python3.11", handler: "app.handler" }));
    expect(await alive.closed).toBe("x\n");
    await brief.close();
  });

  test("stop ends a busy one and what it started, and its attempt has no end", async () => {
    const alive = openFifo(bench.folder, "stop");
    const spec = python(`import subprocess
pipe = open('${alive.path}', 'w')
def handler(event, context):
  child = subprocess.Popen(['sleep', '1000'], pass_fds=[pipe.fileno()])
  print('both', file=pipe, flush=True)
  child.wait()`);
    const attempt = bench.run(spec);
    await alive.open;
    const stopped = bench.host.stop();
    await expect(attempt).rejects.toThrow("The server is stopping");
    await stopped;
    expect(await alive.closed).toBe("both\n");
    await expect(bench.run(spec)).rejects.toThrow("The server is stopping");
  });

  test("an idle one that dies is replaced", async () => {
    const spec = python(`import os, threading, time
def handler(event, context):
  if event.get('die'): threading.Thread(target=lambda: (time.sleep(0.01), os._exit(1))).start()
  return os.getpid()`);
    const alive = (await bench.run(spec)).value;
    await bench.run(spec, { die: true });
    while (existsSync(`/proc/${alive}`)) await nextTurn();
    const next = await bench.run(spec);
    expect(next.outcome).toBe("returned");
    expect(next.value).not.toBe(alive);
  });

  test("homes of ended functions go with them", async () => {
    const home = (await bench.run(python("import os\ndef handler(event, context):\n  return os.environ['HOME']")))
      .value;
    expect(readdirSync(String(home))).toEqual([]);
    await bench.host.stop();
    while (existsSync(String(home))) await nextTurn();
  });
});
