/**
 * The floor of a server's start: Node, and an HTTP server that answers 200 to everything. It is no ES module, because an
 * `import` of `node:http` reads all that the module exports, and with that loads Node's fetch: twice the time.
 */
const { createServer } = require("node:http");

createServer((_, response) => response.end("{}")).listen(Number(process.argv[2]), "127.0.0.1");
