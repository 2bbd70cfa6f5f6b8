import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { defineJob, JobFailed } from "@penstock/toolkit";

/** Counts the words of the texts in the artifact `Texts`, and writes the counts into the artifact `Counts`. */
export const handler = defineJob({
  async run(job) {
    const folder = await job.input("Texts").extract();
    const names = (await readdir(folder)).filter((name) => name.endsWith(".txt"));
    if (names.length === 0) throw new JobFailed("The artifact Texts has no .txt file.");

    const counts: Record<string, number> = {};
    for (const name of names) counts[name] = countWords(await readFile(join(folder, name), "utf8"));
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    console.log(`${names.length} texts have ${total} words`);

    await job.output("Counts").addText("counts.json", JSON.stringify(counts));
    return job.succeed({ variables: { Words: String(total) } });
  },
});

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}
