// Drives the npm package aws-local-stepfunctions in its process, without Kafka, and writes each result:
//   node run.cjs DEFINITION EVENTS RESULTS COUNT CONCURRENCY
// EVENTS has one JSON event a line. The last line of the output is a JSON object with the figures.
const fs = require('fs');
const { StateMachine } = require('aws-local-stepfunctions');

async function main() {
  const [definition, events, results, count, concurrency] = process.argv.slice(2);
  const machine = new StateMachine(JSON.parse(fs.readFileSync(definition, 'utf8')));
  const lines = fs.readFileSync(events, 'utf8').trim().split('\n');
  const total = Number(count);
  const latencies = [];
  const out = new Array(total);
  let next = 0;
  const work = async () => {
    while (next < total) {
      const index = next++;
      const began = process.hrtime.bigint();
      out[index] = JSON.stringify(await machine.run(JSON.parse(lines[index])).result);
      latencies.push(Number(process.hrtime.bigint() - began) / 1e6);
    }
  };
  const cpuBegan = process.cpuUsage();
  const began = process.hrtime.bigint();
  await Promise.all(Array.from({ length: Number(concurrency) }, work));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const cpu = process.cpuUsage(cpuBegan);
  fs.writeFileSync(results, out.join('\n') + '\n');
  latencies.sort((a, b) => a - b);
  const at = (part) => +latencies[Math.min(total - 1, Math.floor(total * part))].toFixed(2);
  console.log(JSON.stringify({
    events_per_s: Math.round(total / seconds),
    cpu_s_per_million: +((cpu.user + cpu.system) / total).toFixed(1),
    peak_mib: Math.round(process.resourceUsage().maxRSS / 1024),
    p50_ms: at(0.5),
    p99_ms: at(0.99),
  }));
}
main();
