// Run one query by DuckDB or ClickHouse in a process of its own, and print a
// line of JSON: seconds, cpu, peak (MB above the idle process) and the answer.
//   node bench/peer.mjs PEERS duckdb|clickhouse THREADS QUERY
// PEERS is the folder that has their node_modules.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [peers, engine, threads, query] = process.argv.slice(2);
const require = createRequire(peers + '/package.json');

// The most memory that the process has had, in MB.
function peak() {
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
}

// The engines: each gives a function from a query to its one value.
const engines = {
  async duckdb() {
    const { DuckDBInstance } = require('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', { threads });
    const connection = await instance.connect();
    return async (sql) => {
      let reader;
      for (const statement of sql.split(';')) reader = await connection.runAndReadAll(statement);
      return String(reader.getRows()[0][0]);
    };
  },
  async clickhouse() {
    const chdb = require('chdb');
    const settings = ` SETTINGS max_threads = ${threads}, date_time_input_format = 'best_effort'` +
      (threads === '1' ? ', input_format_parallel_parsing = 0' : '');
    return async (sql) => chdb.query(sql + settings, 'TSVRaw').trim();
  },
};

const run = await engines[engine]();
await run('SELECT 1');
const idle = peak();
const used = process.cpuUsage();
const start = process.hrtime.bigint();
const answer = await run(query);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, peak: peak() - idle, answer }));
process.exit(0);
