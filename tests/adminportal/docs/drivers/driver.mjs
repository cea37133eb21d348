// Runs the JavaScript samples of all pages in this one process: `node driver.mjs plan.json directory`. A page is a
// module, so that what one sample names the next can use.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [plan, out] = process.argv.slice(2);
let current = "";

globalThis.__at = (id) => {
  if (current) fs.writeFileSync(path.join(out, `${current}.done`), "");
  current = id;
};

const send = globalThis.fetch;
globalThis.fetch = async (...options) => {
  const answer = await send(...options);
  const mine = current;
  fs.appendFileSync(path.join(out, `${mine}.statuses`), `${answer.status}\n`);
  const body = await answer.clone().arrayBuffer();
  fs.writeFileSync(path.join(out, `${mine}.body`), Buffer.from(body));
  return answer;
};

for (const page of JSON.parse(fs.readFileSync(plan))) {
  const file = path.join(out, `${page.page}.mjs`);
  const code = page.samples.map((one) => `globalThis.__at(${JSON.stringify(one.id)});\n${one.code}`).join("\n");
  fs.writeFileSync(file, `${code}\nglobalThis.__at("");\n`);
  current = "";
  try {
    await import(pathToFileURL(file));
  } catch (error) {
    fs.writeFileSync(path.join(out, `${current || page.samples[0].id}.error`), String(error.stack));
    current = "";
  }
}
process.exit(0); // what a sample left running shall not hold the tests up
