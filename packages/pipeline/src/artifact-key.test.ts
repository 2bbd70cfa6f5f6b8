import { expect, test } from "vitest";
import { artifactKey, extensionOf } from "./artifact-key.ts";

test("a key shows 20 characters of the pipeline, 10 of the artifact and the random part", () => {
  const place = { pipelineName: "stackd-cplambda-7d81", artifactName: "ProducedZip", random: "AGcOuFM" };
  expect(artifactKey(place)).toBe("stackd-cplambda-7d81/ProducedZi/AGcOuFM");
  expect(artifactKey({ ...place, pipelineName: "a-pipeline-of-a-long-name", artifactName: "A" })).toBe(
    "a-pipeline-of-a-long/A/AGcOuFM",
  );
});

test("a source keeps the extension of its object", () => {
  const place = { pipelineName: "p", artifactName: "SourceZip", random: "hyNves4" };
  expect(artifactKey({ ...place, extension: extensionOf("in/source.zip") })).toBe("p/SourceZip/hyNves4.zip");
});

test("an extension is what follows the last dot of the file's name", () => {
  const extensions = ["a.zip", "b/a.tar.gz", "b.c/a", ".hidden", "a.", "", "b/", "b/.x.zip"].map(extensionOf);
  expect(extensions).toEqual([".zip", ".gz", "", "", "", "", "", ".zip"]);
});
