"""What tools/sqlgen accepts, writes and refuses; run by Meson."""

import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.abspath(__file__)) + "/../../.."
SQLGEN = os.path.join(ROOT, "tools", "sqlgen")
sys.dont_write_bytecode = True
sys.path.insert(0, SQLGEN)

import emit  # noqa: E402
import parse  # noqa: E402


def read(content):
    errors = parse.Errors()
    queries = parse.parse_queries("q.sql", content, {}, errors)
    return queries, errors.found


GOOD = """-- About this file.

-- name: thing_find :one
-- Finds it.
-- param: id uuid
-- param: note text?   (why)
-- column: n int
-- column: at int?
SELECT n, at -- :id in a remark
  FROM things WHERE id = :id AND (note = :note OR 'a '':id'' b' = x::text OR :note IS NULL)
  /* :nobody */ AND "odd:id" <> `q:id`;
-- dialect: mysql
SELECT n, at FROM things WHERE note = :note AND id = :id AND note <> :note;

-- Remarks between blocks belong to nobody.

-- name: thing_count :many
-- column: n int
SELECT count(*) AS n FROM things
"""


class Accepted(unittest.TestCase):
    def setUp(self):
        self.queries, found = read(GOOD)
        self.assertEqual(found, [])

    def test_fields(self):
        find, count = self.queries
        self.assertEqual((find.name, find.kind, find.doc), ("thing_find", "one", ["Finds it."]))
        self.assertEqual([(f.name, f.type, f.nullable) for f in find.params],
                         [("id", "uuid", False), ("note", "text", True)])
        self.assertEqual(find.params[1].comment, "(why)")
        self.assertEqual((count.name, count.kind, count.params), ("thing_count", "many", []))

    def test_placeholders(self):
        sql, order = emit.rewrite(self.queries[0], "sqlite")
        self.assertEqual(order, [])
        self.assertIn("-- :id in a remark", sql)
        self.assertIn("id = ?1 AND (note = ?2 OR 'a '':id'' b' = x::text OR ?2 IS NULL)", sql)
        self.assertIn('/* :nobody */ AND "odd:id" <> `q:id`', sql)
        self.assertFalse(sql.endswith(";"))
        sql, order = emit.rewrite(self.queries[0], "postgres")
        self.assertEqual(order, [])
        self.assertIn("id = $1 AND (note = $2", sql)
        sql, order = emit.rewrite(self.queries[0], "mysql")
        self.assertEqual(sql, "SELECT n, at FROM things WHERE note = ? AND id = ? AND note <> ?")
        self.assertEqual(order, [1, 0, 1])

    def test_remarks_between_blocks(self):
        sql, _ = emit.rewrite(self.queries[0], "mysql")
        self.assertNotIn("belong", sql)

    def test_header(self):
        text = emit.header(self.queries, "db_queries")
        self.assertIn("struct q_thing_find_params {\n    struct id id;\n    struct str note;", text)
        self.assertIn("    int64_t n;\n    struct db_int at;\n", text)
        self.assertIn("q_thing_count(struct db *db, struct arena *a,", text)
        self.assertNotIn("q_thing_count_params", text)
        self.assertIn("/* Finds it. */", text)

    def test_literals(self):
        self.assertEqual(emit.c_string('a "b" \\ \t\nc??', ""), '"a \\"b\\" \\\\ \\t\\n"\n"c\\?\\?"')


class Refused(unittest.TestCase):
    def refuse(self, content, line, words):
        _, found = read(content)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith("q.sql:%d: error: " % line), found)
        self.assertIn(words, found[0])

    def test_unused_param(self):
        self.refuse("-- name: a :exec\n-- param: x int\nDELETE FROM t", 2, "param x is not used")

    def test_unused_in_one_dialect(self):
        self.refuse("-- name: a :exec\n-- param: x int\nDELETE FROM t WHERE x = :x\n"
                    "-- dialect: mysql\nDELETE FROM t", 2, "not used in the mysql text")

    def test_undeclared(self):
        self.refuse("-- name: a :exec\nDELETE FROM t\n WHERE y = :y", 3, ":y is not declared")

    def test_used_only_in_quotes(self):
        self.refuse("-- name: a :exec\n-- param: x int\nDELETE FROM t WHERE y = ':x'", 2, "not used")

    def test_duplicate_name(self):
        self.refuse("-- name: a :exec\nDELETE FROM t\n-- name: a :exec\nDELETE FROM u", 3, "q.sql:1")

    def test_duplicate_fields(self):
        self.refuse("-- name: a :one\n-- column: x int\n-- column: x int\nSELECT x, x FROM t", 3,
                    "column x is declared twice")

    def test_no_columns(self):
        for kind in ("one", "many"):
            self.refuse("-- name: a :%s\nSELECT 1 AS n" % kind, 1, "needs '-- column:' lines")

    def test_exec_columns(self):
        self.refuse("-- name: a :exec\n-- column: n int\nSELECT 1 AS n", 2, ":exec has no columns")

    def test_unknown_dialect(self):
        self.refuse("-- name: a :exec\nDELETE FROM t\n-- dialect: oracle\nDELETE FROM t", 3,
                    "unknown dialect 'oracle'")

    def test_missing_dialect(self):
        self.refuse("-- name: a :exec\n-- dialect: sqlite, postgres\nDELETE FROM t", 1,
                    "no text for mysql and no default")

    def test_second_text(self):
        self.refuse("-- name: a :exec\nDELETE FROM t\n-- dialect: mysql\nDELETE FROM t\n"
                    "-- dialect: mysql\nDELETE FROM t", 5, "a second text for mysql")

    def test_kind_and_type(self):
        self.refuse("-- name: a :few\nDELETE FROM t", 1, "the kind must be one of")
        self.refuse("-- name: a :exec\n-- param: x float\nDELETE FROM t WHERE x = :x", 2,
                    "'float' is not a type")

    def test_c_keyword(self):
        self.refuse("-- name: a :exec\n-- param: int int\nDELETE FROM t WHERE x = :int", 2,
                    "cannot be the name of a C member")

    def test_not_portable(self):
        for sql in ("INSERT INTO t (x) VALUES (1)\nRETURNING x",
                    "INSERT INTO t (x) VALUES (1)\nON CONFLICT DO NOTHING",
                    "\nINSERT OR IGNORE INTO t (x) VALUES (1)"):
            self.refuse("-- name: a :exec\n" + sql, 3, "differs between dialects")

    def test_portable_when_in_quotes(self):
        self.assertEqual(read("-- name: a :exec\nDELETE FROM t WHERE x = 'RETURNING'")[1], [])

    def test_statements(self):
        self.refuse("-- name: a :exec\nDELETE FROM t;\nDELETE FROM u;", 2, "one statement")
        self.refuse("-- name: a :exec\n-- name: b :exec\nDELETE FROM t", 1, "there is no SQL")
        self.refuse("-- name: a :exec\nDELETE FROM t WHERE x = ?", 2, "a bare '?'")
        self.refuse("-- name: a :exec\nDELETE FROM t WHERE x = 'y", 2, "never closed")
        self.refuse("SELECT 1", 1, "SQL before the first")

    def test_late_declaration(self):
        self.refuse("-- name: a :exec\nDELETE FROM t\n-- param: x int\n WHERE x = :x", 3,
                    "stand before the SQL")


class Program(unittest.TestCase):
    """The whole program, as the build runs it."""

    def run_it(self, files, migrations=None):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(content)
            os.makedirs(os.path.join(folder, "m"), exist_ok=True)
            done = subprocess.run(
                [sys.executable, "-B", SQLGEN, "--queries", folder + "/q", "--migrations",
                 folder + "/m", "--header", folder + "/h", "--source", folder + "/c",
                 "--migrations-source", folder + "/mc", "--depfile", folder + "/d"],
                stderr=subprocess.PIPE, universal_newlines=True, check=False)
            made = {}
            for name in ("h", "c", "mc", "d"):
                if os.path.exists(os.path.join(folder, name)):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        made[name] = file.read().replace(folder, "")
            return done.returncode, done.stderr.replace(folder, ""), made

    def test_works(self):
        code, err, made = self.run_it({"q/a.sql": GOOD, "m/sqlite/0001_one.sql": "CREATE TABLE t(x);\n",
                                       "m/sqlite/0002_two.sql": "CREATE TABLE u(x);\n"})
        self.assertEqual((code, err), (0, ""))
        self.assertLess(made["mc"].index("CREATE TABLE t"), made["mc"].index("CREATE TABLE u"))
        self.assertIn('{2, "two",', made["mc"])
        for name in ("/q ", "/q/a.sql", "/m/sqlite ", "/m/sqlite/0002_two.sql", "/tools/sqlgen/emit.py"):
            self.assertIn(name, made["d"].replace("\n", " "))

    def test_duplicates_across_files(self):
        code, err, made = self.run_it({"q/a.sql": "-- name: a :exec\nDELETE FROM t",
                                       "q/b.sql": "-- name: a :exec\nDELETE FROM t"})
        self.assertEqual(code, 1)
        self.assertIn("/q/b.sql:1: error: a: there is a query of this name at /q/a.sql:1", err)
        self.assertEqual(made, {})

    def test_migration_names(self):
        for name in ("0002_gap.sql", "1_short.sql"):
            code, err, _ = self.run_it({"q/a.sql": GOOD, "m/sqlite/" + name: "CREATE TABLE t(x);"})
            self.assertEqual(code, 1)
            self.assertIn("/m/sqlite/%s:1: error:" % name, err)


if __name__ == "__main__":
    unittest.main()
