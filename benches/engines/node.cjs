// Times expressions with the reference implementation: one JSON string a line in, nanoseconds per evaluation a line out.
// usage: node node.cjs FOLDER DOCUMENT < expressions; FOLDER holds node_modules/jsonata.
const fs = require('fs');
const path = require('path');
const jsonata = require(path.join(process.argv[2], 'node_modules', 'jsonata'));
const document = JSON.parse(process.argv[3]);
const SAMPLES = 31;
const SAMPLE_NS = 4e6;

async function sample(expression, times) {
  const from = process.hrtime.bigint();
  for (let i = 0; i < times; i += 1) await expression.evaluate(document);
  return Number(process.hrtime.bigint() - from) / times;
}

(async () => {
  for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    const expression = jsonata(JSON.parse(line));
    const times = Math.max(1, Math.ceil(SAMPLE_NS / (await sample(expression, 2000))));
    const samples = [];
    for (let i = 0; i < SAMPLES; i += 1) samples.push(await sample(expression, times));
    samples.sort((a, b) => a - b);
    console.log(samples[SAMPLES >> 1]);
  }
})();
