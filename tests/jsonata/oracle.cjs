// Evaluates expressions with the reference implementation: one JSON string a line in, one outcome a line out.
// usage: node oracle.cjs FOLDER DOCUMENT < expressions; FOLDER holds node_modules/jsonata.
const path = require('path');
const readline = require('readline');
const jsonata = require(path.join(process.argv[2], 'node_modules', 'jsonata'));
const document = JSON.parse(process.argv[3]);

async function outcome(text) {
  try {
    const value = await jsonata(text).evaluate(document);
    if (value === undefined) return { nothing: true };
    if (typeof value === 'function' || value._jsonata_lambda || value._jsonata_function) return { function: true };
    return { value };
  } catch (error) {
    return { code: error.code || null, message: String(error.message) };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await outcome(JSON.parse(line))));
  }
})();
