// Reads pairs of texts, the second of which is the first one formatted, as JSON from
// standard input. It prints a line for each reader that reads the second one otherwise
// than the first one.
const { readFileSync } = require("node:fs");
const { isDeepStrictEqual } = require("node:util");
const yaml = require("yaml");
const jsYAML = require("js-yaml");

function readYAML(text) {
  return yaml.parseAllDocuments(text, { logLevel: "silent" }).map((d) => {
    if (d.errors.length > 0) throw d.errors[0];
    return d.toJS({ mapAsMap: true, maxAliasCount: 1000 });
  });
}

const readers = { yaml: readYAML, "js-yaml": (text) => jsYAML.loadAll(text) };

let compared = 0;
for (const { Name, Before, After } of JSON.parse(readFileSync(0, "utf8"))) {
  for (const [reader, read] of Object.entries(readers)) {
    let before;
    try {
      before = read(Before);
    } catch {
      continue; // it does not read the original either
    }
    compared++;
    try {
      if (!isDeepStrictEqual(read(After), before)) console.log(`${reader}: ${Name}: it reads something else`);
    } catch (err) {
      console.log(`${reader}: ${Name}: ${err.message.split("\n")[0]}`);
    }
  }
}
console.log(`compared ${compared}`);
