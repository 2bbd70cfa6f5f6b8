import { expect, test } from "vitest";
import { certainTrouble } from "./check-values.ts";
import { webProject } from "./testing/web-project.ts";

function withMessage(defaultValue: string) {
  const project = webProject();
  const [source, make] = project.pipeline.stages;
  const [build, ship] = make?.actions ?? [];
  if (!source || !make || !build || !ship) throw new Error("the project is another");
  const configuration = { FunctionName: "ship", UserParameters: '{"say":"#{variables.message}"}' };
  const stages = [source, { ...make, actions: [build, { ...ship, configuration }] }];
  return { ...project, pipeline: { ...project.pipeline, stages, variables: [{ name: "message", defaultValue }] } };
}

test("before a run only what is certain is told: the value that is given counts, else the default", () => {
  expect(certainTrouble(withMessage("fine"), {})).toEqual([]);
  expect(certainTrouble(withMessage("fine"), { message: "two\nlines" })).toEqual([
    expect.stringMatching(/^Make\/Ship: UserParameters: .*#\{variables\.message\} has a line break in it/),
  ]);
  expect(certainTrouble(withMessage('"quoted"'), {})).toHaveLength(1);
  expect(certainTrouble(withMessage('"quoted"'), { message: "fine" })).toEqual([]);
});

test("what an action puts out is not known before a run", () => {
  const project = withMessage("fine");
  expect(certainTrouble(project, { other: '"' })).toEqual([]);
});
