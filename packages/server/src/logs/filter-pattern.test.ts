import { expect, test } from "vitest";
import { toFilter } from "./filter-pattern.ts";

function passes(pattern: string, message: string): boolean {
  const filter = toFilter(pattern);
  if (typeof filter !== "function") throw new Error(filter?.problem ?? "There is no filter.");
  return filter(message);
}

test("terms must all be there, ?terms one of them, -terms not", () => {
  // pattern             | passes                    | does not pass
  const table = `
    ERROR                | [ERROR 400] bad           | [error 400] bad
    ERROR code           | code of ERROR             | ERROR only
    "ERROR 401"          | an ERROR 401 came         | 401 ERROR
    ?ERROR ?WARN         | WARN: hm                  | INFO: fine
    ERROR -401           | ERROR 400                 | ERROR 401
    -"all is well"       | nothing is well           | all is well
    ?"bad day" ?WARN     | a bad day                 | a day
    ERROR ?WARN          | ERROR without             | WARN only
    "say \\"hi\\""       | they say "hi"             | they say hi
    Größe_1              | Größe_1 passt             | Größe_2
  `;
  for (const line of table.trim().split("\n")) {
    const [pattern = "", yes = "", no = ""] = line.split("|").map((part) => part.trim());
    expect.soft(passes(pattern, yes), `${pattern} on ${yes}`).toBe(true);
    expect.soft(passes(pattern, no), `${pattern} on ${no}`).toBe(false);
  }
});

test("no pattern lets everything pass", () => {
  for (const pattern of [undefined, "", "  ", '""']) expect(toFilter(pattern)).toBeUndefined();
});

test("kinds of patterns that are not here are refused by name", () => {
  expect(toFilter('{ $.level = "ERROR" }')).toEqual({ problem: expect.stringContaining("for JSON") });
  expect(toFilter("[ip, user]")).toEqual({ problem: expect.stringContaining("for columns") });
  expect(toFilter("%ERR.R%")).toEqual({ problem: expect.stringContaining("Regular expressions") });
});

test("characters that need quotes are refused in the service's words", () => {
  const problem = "Invalid filter pattern: Invalid character(s) in term 'a@b.c'";
  expect(toFilter("ERROR a@b.c")).toEqual({ problem });
  for (const pattern of ["a-b", "-", "?", 'a"b"', '"a"b', '"open', '?""'])
    expect.soft(toFilter(pattern), pattern).toHaveProperty("problem");
  expect(toFilter("a ".repeat(200))).toHaveProperty("problem");
});
