// Compiles each schema that is named in the strict mode of ajv, whose checks of types
// only warn by default. It prints a line for each that ajv refuses.
const { readFileSync } = require("node:fs");
const { default: Ajv } = require("ajv/dist/2020");
const { default: addFormats } = require("ajv-formats");

for (const file of process.argv.slice(2)) {
  const ajv = new Ajv({ strictTypes: false });
  addFormats(ajv);
  try {
    ajv.compile(JSON.parse(readFileSync(file)));
  } catch (err) {
    console.log(`${file}: ${err.message}`);
  }
}
