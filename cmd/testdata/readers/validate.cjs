// Validates documents against a JSON Schema, in the strict mode of ajv: validate.cjs SCHEMA [FILE…]. A file has a document a line.
const fs = require("fs");
const Ajv = require("ajv/dist/2020");
const ajv = new Ajv({ strict: true, allErrors: true });
require("ajv-formats")(ajv);
const validate = ajv.compile(JSON.parse(fs.readFileSync(process.argv[2], "utf8")));
for (const file of process.argv.slice(3)) {
  for (const line of fs.readFileSync(file, "utf8").split("\n").filter((line) => line !== "")) {
    if (!validate(JSON.parse(line))) {
      console.error(`${file}: ${ajv.errorsText(validate.errors)}: ${line.slice(0, 500)}`);
      process.exitCode = 1;
    }
  }
}
