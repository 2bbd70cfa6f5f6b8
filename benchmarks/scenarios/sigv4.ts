import type { Bench } from "../bench.ts";
import type { Rig } from "../measuring/rounds.ts";
import { startProgram } from "../program.ts";
import type { VerificationsAnswer, VerificationsQuestion } from "../programs/verifications.ts";
import type { Scenario } from "./scenario.ts";

/** What it costs to know who calls. */
export const sigv4: Scenario = {
  name: "sigv4",
  title: "Signature Version 4: verifications a second, on one core",
  method:
    "Ours verifies one PutJobSuccessResult again and again, from its headers to its caller, with the signing key at hand as for every request of a session but the first. The floor is the cryptography alone: two hashes and one signature.",
  roundsCount: 15,
  warmUpCount: 3,
  open,
};

/** Verifications of one slice. */
const COUNT = 20_000;

async function open(bench: Bench): Promise<Rig> {
  const url = new URL("../programs/verifications.ts", import.meta.url);
  const program = startProgram<VerificationsQuestion, VerificationsAnswer>(bench, url, { core: 0 });
  const slice = (name: string, what: VerificationsQuestion["what"]) => ({
    name,
    run: async () => {
      const { ms } = await program.profiled(name, () => program.ask({ what, count: COUNT }));
      return { [name]: (COUNT / ms) * 1000 };
    },
  });
  return {
    slices: [
      slice("cryptography", "cryptography"),
      slice("verifications", "ours"),
      slice("cryptography again", "cryptography"),
    ],
    comparisons: [
      {
        label: "verifications, against their cryptography",
        ours: "verifications",
        floor: "cryptography",
        twins: ["cryptography", "cryptography again"],
        unit: "/s",
      },
    ],
    close: () => program.stop(),
  };
}
