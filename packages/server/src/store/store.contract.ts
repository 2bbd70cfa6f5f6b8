import { expect, test } from "vitest";
import type { Store } from "./store.ts";
import { deleteWork, findWork, insertWork, listWork, type WorkTable } from "./work.ts";

/**
 * Everything that a store must do, whatever database it stands on. `open` opens the same data again and
 * again; `kill` leaves it as a crash would.
 */
export function testStore(setUp: SetUp): void {
  testDurability(setUp);
  testIsolation(setUp);
  testDeferredWrites(setUp);
}

type SetUp = () => { open(): Store; kill(store: Store): void };

const work = (id: string): WorkTable => ({ id, kind: "invoke", body: "{}", attempt: 1, due_at: 1 });

function testDurability(setUp: SetUp): void {
  test("a transaction that resolved is seen by reads and after a restart", async () => {
    const { open } = setUp();
    const store = open();
    await store.transact((tx) => tx.run(insertWork, work("a")));
    expect(await store.read.first(findWork, { id: "a" })).toEqual(work("a"));
    await store.close();
    const again = open();
    expect(await again.read.all(listWork, {})).toEqual([work("a")]);
    await again.close();
  });

  test("a transaction that resolved survives a crash", async () => {
    const { open, kill } = setUp();
    const store = open();
    await store.transact((tx) => tx.run(insertWork, work("a")));
    kill(store);
    const again = open();
    expect(await again.read.first(findWork, { id: "a" })).toEqual(work("a"));
    await again.close();
  });

  test.each([0, 1, 2])(
    "a transaction that throws leaves nothing, and those around it stay whole: number %i",
    async (bad) => {
      const store = setUp().open();
      const outcomes = await Promise.allSettled(
        ["a", "b", "c"].map((id, index) =>
          store.transact(async (tx) => {
            await tx.run(insertWork, work(id));
            if (index === bad) throw new Error("changed my mind");
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status === "rejected")).toEqual([bad === 0, bad === 1, bad === 2]);
      const left = ["a", "b", "c"].filter((_, index) => index !== bad);
      expect((await store.read.all(listWork, {})).map(({ id }) => id).sort()).toEqual(left);
      await store.close();
    },
  );

  test("transactions that are asked for together share a commit", async () => {
    const store = setUp().open();
    const before = store.commits;
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => store.transact((tx) => tx.run(insertWork, work(`w${index}`)))),
    );
    expect(store.commits - before).toBe(1);
    await store.close();
  });
}

function testIsolation(setUp: SetUp): void {
  test("a transaction sees its own writes and those of the ones before it", async () => {
    const store = setUp().open();
    const [, seen] = await Promise.all([
      store.transact((tx) => tx.run(insertWork, work("a"))),
      store.transact(async (tx) => {
        await tx.run(insertWork, work("b"));
        return (await tx.all(listWork, {})).length;
      }),
    ]);
    expect(seen).toBe(2);
    await store.close();
  });

  test("a read beside an open transaction does not see what is not yet committed", async () => {
    const store = setUp().open();
    let during: unknown = "not read";
    await store.transact(async (tx) => {
      await tx.run(insertWork, work("a"));
      during = await store.read.first(findWork, { id: "a" });
    });
    expect(during).toBeUndefined();
    expect(await store.read.first(findWork, { id: "a" })).toEqual(work("a"));
    await store.close();
  });
}

function testDeferredWrites(setUp: SetUp): void {
  test("a deferred write comes with the next commit, or with the close", async () => {
    const { open } = setUp();
    const store = open();
    store.defer(async (tx) => void (await tx.run(insertWork, work("a"))));
    await store.transact((tx) => tx.run(insertWork, work("b")));
    expect((await store.read.all(listWork, {})).map(({ id }) => id).sort()).toEqual(["a", "b"]);
    store.defer(async (tx) => void (await tx.run(deleteWork, { id: "a" })));
    await store.close();
    const again = open();
    expect((await again.read.all(listWork, {})).map(({ id }) => id)).toEqual(["b"]);
    await again.close();
  });

  test("a deferred write asks for no commit of its own while there is one to wait for", async () => {
    const store = setUp().open();
    const before = store.commits;
    await store.transact((tx) => tx.run(insertWork, work("a")));
    store.defer(async (tx) => void (await tx.run(insertWork, work("b"))));
    await new Promise((resolve) => setImmediate(resolve));
    await store.transact((tx) => tx.run(insertWork, work("c")));
    expect(store.commits - before).toBe(2);
    expect((await store.read.all(listWork, {})).map(({ id }) => id).sort()).toEqual(["a", "b", "c"]);
    await store.close();
  });

  test("a deferred write that fails takes nothing else with it", async () => {
    const store = setUp().open();
    store.defer(() => Promise.reject(new Error("bad write")));
    await store.transact((tx) => tx.run(insertWork, work("a")));
    expect(await store.read.first(findWork, { id: "a" })).toEqual(work("a"));
    await store.close();
  });

  test("a closed store refuses work with words", async () => {
    const store = setUp().open();
    await store.close();
    await expect(store.transact(async () => {})).rejects.toThrow("The store is closed.");
  });
}
