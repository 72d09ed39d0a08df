"""sqlgen - turns sql/queries and sql/migrations into the C that db/ and store/ are built with.

    sql/queries/*.sql          --parse.py--> Query objects --emit.py--> db/queries.h, queries.c
    sql/migrations/<dialect>/  --parse.py--> Migration objects -------> db/migrations.c

SQL text lives only in .sql files, where people and tools can read it; C code sees typed functions.
Mistakes are reported as file:line: message, all at once, and fail the build. Run by Meson:

    python3 -B tools/sqlgen --queries DIR --header H --source C [--include NAME] [--table NAME]
                            [--migrations DIR --migrations-source C] [--depfile D]

Only the standard library of Python 3.9 is used.
"""

import argparse
import os
import sys

import emit
import parse


def write_if_changed(path, text):
    """Leaves an equal file alone, so that nothing is compiled again for it."""
    try:
        with open(path, encoding="utf-8") as old:
            if old.read() == text:
                return
    except FileNotFoundError:
        pass
    with open(path, "w", encoding="utf-8") as new:
        new.write(text)


def depfile_text(target, inputs):
    """A make rule: the directories are inputs too, so that a new file is noticed."""
    escaped = [path.replace(" ", "\\ ") for path in sorted(inputs)]
    return target.replace(" ", "\\ ") + ": " + " \\\n  ".join(escaped) + "\n"


def main(argv):
    options = argparse.ArgumentParser(prog="sqlgen")
    options.add_argument("--queries", required=True, help="folder of *.sql query files")
    options.add_argument("--header", required=True)
    options.add_argument("--source", required=True)
    options.add_argument("--include", default="db/queries.h", help="how the source names the header")
    options.add_argument("--table", default="db_queries", help="C name of the table of all queries")
    options.add_argument("--migrations", help="folder with one folder per dialect")
    options.add_argument("--migrations-source")
    options.add_argument("--depfile")
    args = options.parse_args(argv)

    errors = parse.Errors()
    inputs = {os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
              for name in ("__main__.py", "parse.py", "emit.py")}
    queries = parse.read_queries(args.queries, errors, inputs)
    migrations = {}
    if args.migrations:
        migrations = parse.read_migrations(args.migrations, errors, inputs)
    if errors.found:
        for line in errors.found:
            print(line, file=sys.stderr)
        return 1

    write_if_changed(args.header, emit.header(queries, args.table))
    write_if_changed(args.source, emit.source(queries, args.table, args.include))
    if args.migrations:
        write_if_changed(args.migrations_source, emit.migrations(migrations))
    if args.depfile:
        with open(args.depfile, "w", encoding="utf-8") as depfile:
            depfile.write(depfile_text(args.header, inputs))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
