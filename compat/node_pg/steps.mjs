// node-pg, both sides of a share and what else its users do; a line of JSON for each step.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import pg from "pg";
import Cursor from "pg-cursor";

const told = JSON.parse(process.argv[2]);
const way = (side) => ({
  ...told[side],
  database: told.database,
  user: told.user,
  password: told.password,
  ssl: { ca: readFileSync(told.ca_file, "utf8") },
});

async function step(what, run) {
  let said = "";
  try {
    await run();
  } catch (error) {
    said = `${error.stack}`;
  }
  console.log(JSON.stringify({ what, ok: !said, said }));
}

async function connected(side, run) {
  const client = new pg.Client(way(side));
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

async function refused(client, sql, code) {
  await assert.rejects(client.query(sql), (error) => {
    assert.equal(`${sql} ${error.code}`, `${sql} ${code}`);
    return true;
  });
}

const types = "a int, b bigint, c decimal(8,2), d float8, e bool, g timestamptz, h varchar(40), i int";
const when = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
const row = [1, "1099511627776", "-1.50", 0.1, true, when, "zwölf 'q' \\ €", null];

await step("producer: ALTER DATASHARE ADD TABLE", () => connected("producer", async (client) => {
  await client.query(`CREATE TABLE npg (${types})`);
  const done = await client.query(`ALTER DATASHARE ${told.share} ADD TABLE public.npg`);
  assert.equal(done.command, "ALTER");
}));

await step("types there and back, NULL and unicode", () => connected("producer", async (client) => {
  const done = await client.query("INSERT INTO npg VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", row);
  assert.equal(done.rowCount, 1);
  const found = await client.query({ text: "SELECT * FROM npg WHERE h = $1", values: [row[6]], rowMode: "array" });
  assert.deepEqual(found.rows, [row]);
  assert.deepEqual(found.fields.map((f) => f.dataTypeID), [23, 20, 1700, 701, 16, 1184, 1043, 23]);
}));

await step("consumer: CREATE DATABASE FROM DATASHARE, INSERT, SELECT", () => connected("consumer", async (client) => {
  const { share, account, namespace } = told;
  await client.query(`CREATE DATABASE ${share} FROM DATASHARE ${share} OF ACCOUNT '${account}' NAMESPACE '${namespace}'`);
  await client.query(`INSERT INTO ${share}.public.t_${share} VALUES ($1, $2)`, [3, "ü"]);
  const found = await client.query(`SELECT words FROM ${share}.public.t_${share} WHERE i > $1 ORDER BY i`, [1]);
  assert.deepEqual(found.rows, [{ words: "b" }, { words: "ü" }]);
}));

await step("a named prepared statement, used often", () => connected("producer", async (client) => {
  for (let n = 0; n < 8; n += 1) {
    const found = await client.query({ name: "plus", text: "SELECT $1::int + 1 AS n", values: [n] });
    assert.deepEqual(found.rows, [{ n: n + 1 }]);
  }
}));

await step("results in binary", () => connected("producer", async (client) => {
  const found = await client.query({ text: "SELECT a, d, e FROM npg", values: [], binary: true });
  assert.deepEqual(found.rows, [{ a: 1, d: 0.1, e: true }]);
}));

await step("transactions: rollback, an error and 25P02 after it", () => connected("producer", async (client) => {
  await client.query("BEGIN");
  await client.query("DELETE FROM npg");
  await client.query("ROLLBACK");
  assert.equal((await client.query("SELECT count(*) FROM npg")).rows[0].count, "1");
  await client.query("BEGIN");
  await refused(client, "SELECT * FROM npg_nowhere", "42P01");
  await refused(client, "SELECT 1", "25P02");
  await client.query("ROLLBACK");
}));

await step("a large result, and a cursor over it", () => connected("producer", async (client) => {
  await client.query("CREATE TABLE npg_large (i int)");
  await client.query("INSERT INTO npg_large VALUES (0), (1), (2), (3), (4), (5), (6), (7)");
  for (let n = 0; n < 10; n += 1) {
    await client.query("INSERT INTO npg_large SELECT i FROM npg_large");
  }
  const found = await client.query("SELECT i, repeat('x', 100) AS x FROM npg_large");
  assert.deepEqual([found.rows.length, found.rows[0].x], [8192, "x".repeat(100)]);
  const cursor = client.query(new Cursor("SELECT i FROM npg_large WHERE i < $1", [4]));
  let seen = 0;
  for (let rows = await cursor.read(1000); rows.length; rows = await cursor.read(1000)) {
    seen += rows.length;
  }
  await cursor.close();
  assert.equal(seen, 4096);
}));

await step("several statements of one text", () => connected("producer", async (client) => {
  const found = await client.query("SELECT 1 AS a; SELECT 2 AS b");
  assert.deepEqual(found.map((one) => one.rows), [[{ a: 1 }], [{ b: 2 }]]);
}));

await step("errors with their SQLSTATE; COPY refused", () => connected("producer", async (client) => {
  await refused(client, "SELEC 1", "42601");
  await refused(client, "SELECT nothing FROM npg", "42703");
  await refused(client, "CREATE TABLE npg (i int)", "42P07");
  await refused(client, "SELECT 1 / 0", "22012");
  await refused(client, "COPY npg FROM STDIN", "0A000");
  assert.deepEqual((await client.query("SELECT 1 AS one")).rows, [{ one: 1 }]);
}));

await step("a pool, several connections at once", async () => {
  const pool = new pg.Pool({ ...way("producer"), max: 3 });
  const found = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => pool.query("SELECT $1::int AS n", [n])));
  assert.deepEqual(found.map((one) => one.rows[0].n), [1, 2, 3, 4, 5, 6]);
  await pool.end();
});
