// Reads a run in a format from stdin, and prints each instance with its output and its bytes, in Base64.
const readers = {
  json: (text) => JSON.parse(text).Instances,
  yaml: (text) => require("yaml").parse(text).Instances,
  "yaml-1.1": (text) => require("yaml").parse(text, { version: "1.1" }).Instances,
  "js-yaml": (text) => require("js-yaml").load(text).Instances,
  csv: (text) => {
    const { data, errors } = require("papaparse").parse(text, { header: true, skipEmptyLines: true });
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    return data;
  },
};
for (const row of readers[process.argv[2]](require("fs").readFileSync(0, "utf8"))) {
  if (typeof row.Output !== "string") throw new Error(`${row.InstanceId}: ${row.Output} is no text`);
  console.log(row.InstanceId, Buffer.from(row.Output).toString("base64") || "-", row.OutputBase64 || "-");
}
