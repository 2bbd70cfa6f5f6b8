import { actionOf, call, declareVariable, fileWith, pass, roleOf, shipOf } from "./break-project.ts";
import { allow, type Broken, policy } from "./web-project.ts";

/** What is done to the good project, and what is found of it: severity, check, place, a piece of the text or statement. */
export type CheckCase = readonly [title: string, breakIt: (project: Broken) => void, found: readonly string[]];

/** Of one account. */
export const CASES: readonly CheckCase[] = [
  [
    "a rule of the structure is broken",
    (p) => (actionOf(p, "Ship").inputArtifacts = [{ name: "Built" }, { name: "None" }]),
    ["error definition Make/Ship 'None'"],
  ],
  [
    "a constraint of the model is broken",
    (p) => (p.pipeline.name = "no spaces allowed"),
    ["error definition - failed to satisfy constraint"],
  ],
  ["a function is not declared", (p) => delete p.functions["ship"], ["error functionDeclared Make/Ship ship"]],
  [
    "a function's name is nearly that of another",
    (p) => call(p, "Ship", "shpi"),
    ["note functionUsed - ship", 'error functionDeclared Make/Ship Did you mean "ship"?'],
  ],
  [
    "a variable decides which function is called",
    (p) => call(p, "Ship", "#{BuildVariables.Next}"),
    ["note functionDeclared Make/Ship #{BuildVariables.Next}"],
  ],
  [
    "a function is named by its whole ARN with an alias, and the role covers only the name",
    (p) => {
      call(p, "Ship", "arn:aws:lambda:us-east-1:123456789012:function:ship:live");
      roleOf(p, "pipe").policies["call"] = policy(
        allow(
          "lambda:InvokeFunction",
          ["build", "ship"].map((name) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`),
        ),
      );
    },
    ["error invokeFunction Make/Ship function:ship:live"],
  ],
  [
    "what is given is no function's name",
    (p) => call(p, "Ship", "a b"),
    ["note functionUsed - ship", 'error functionDeclared Make/Ship "a b"'],
  ],
  [
    "a handler's file is not there",
    (p) => (shipOf(p).handler = "main.handler"),
    ["error functionCode Make/Ship there is no main"],
  ],
  [
    "a handler is not in its file",
    (p) => (shipOf(p).handler = "app.handle"),
    ["error functionCode Make/Ship Did you mean app.handler?"],
  ],
  ["a code folder is not there", (p) => (shipOf(p).code = "/nowhere"), ["error functionCode Make/Ship /nowhere"]],
  [
    "a zip of a function is none",
    (p) => (shipOf(p).code = fileWith("not a zip")),
    ["error functionCode Make/Ship cannot be used as a zip"],
  ],
  ["a role is not declared", (p) => delete p.roles["worker"], ["note roleDeclared - worker (function build)"]],
  [
    "an action is of a type that is not run here",
    (p) => {
      delete p.functions["ship"];
      Object.assign(actionOf(p, "Ship"), {
        actionTypeId: { category: "Build", owner: "AWS", provider: "CodeBuild", version: "1" },
        configuration: { ProjectName: "ship" },
      });
    },
    ["warning notRun Make/Ship Build/AWS/CodeBuild"],
  ],
  [
    "a stage has conditions, which are not evaluated here",
    (p) =>
      Object.assign(p.pipeline.stages[1] ?? {}, {
        beforeEntry: {
          conditions: [
            {
              result: "FAIL",
              rules: [
                {
                  name: "Ask",
                  ruleTypeId: { category: "Rule", owner: "AWS", provider: "VariableCheck", version: "1" },
                  configuration: { Variable: "#{FetchVariables.ETag}", Value: "x", Operator: "NE" },
                },
              ],
            },
          ],
        },
      }),
    ["warning notRun - stage Make (beforeEntry)"],
  ],
  ["a role is declared and nobody has it", (p) => (p.roles["old"] = { policies: {} }), ["warning roleUsed - role old"]],
  [
    "a role is declared that a function's role may assume",
    (p) => {
      p.roles["reporter"] = { policies: {} };
      roleOf(p, "worker").policies["assume"] = policy(
        allow("sts:AssumeRole", "arn:aws:iam::123456789012:role/reporter"),
      );
    },
    [],
  ],
  [
    "a function is declared and nobody calls it",
    (p) => (p.functions["old"] = shipOf(p)),
    ["note functionUsed - function old"],
  ],
  [
    "an output is no one's input",
    (p) => (actionOf(p, "Ship").outputArtifacts = [{ name: "Left" }]),
    ["warning outputUsed Make/Ship Left"],
  ],
  [
    "a variable is used before it is there",
    (p) => pass(p, "Build", "#{ShipVariables.Url}"),
    ["error definition Make/Build which does not run before"],
  ],
  ["a namespace is nobody's", (p) => pass(p, "Ship", "#{Nobody.Url}"), ["error definition Make/Ship namespace"]],
  [
    "a source has no such variable",
    (p) => pass(p, "Ship", "#{FetchVariables.ObjectKye}"),
    ['error variableKnown Make/Ship Did you mean "ObjectKey"?'],
  ],
  [
    "a function's variable is put into JSON",
    (p) => pass(p, "Ship", '{"to":"#{BuildVariables.Url}"}'),
    ["warning variableBreaksJson Make/Ship #{BuildVariables.Url}"],
  ],
  ["a source's variable cannot break JSON", (p) => pass(p, "Ship", '{"to":"#{FetchVariables.VersionId}"}'), []],
  ["a function's variable is passed by itself", (p) => pass(p, "Ship", "#{BuildVariables.Url}"), []],
  [
    "a default breaks the JSON that it is put into",
    (p) => {
      declareVariable(p, 'a "b"');
      pass(p, "Ship", '{"say":"#{variables.text}"}');
    },
    ["warning variableBreaksJson Make/Ship double quote"],
  ],
  ["a value is close to the limit", (p) => pass(p, "Ship", "x".repeat(950)), ["warning valueLength Make/Ship 950"]],
  [
    "a value is over the limit",
    (p) => pass(p, "Ship", "x".repeat(1001)),
    ["error definition - length less than or equal to 1000", "error valueLength Make/Ship 1001"],
  ],
  ["a value is just at the limit", (p) => pass(p, "Ship", "x".repeat(1000)), ["warning valueLength Make/Ship 1000"]],
  [
    "an input is for no source",
    (p) => (p.inputs["Nothing"] = p.inputs["App"] as string),
    ["error supplies - input Nothing"],
  ],
  ["a source is not given", (p) => delete p.inputs["App"], ["note supplies Source/Fetch --input App=PATH"]],
];
