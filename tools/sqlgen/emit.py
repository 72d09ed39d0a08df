"""Writes the C: db/queries.h, queries.c and migrations.c."""

from parse import DIALECTS

ENUM = {"sqlite": "DB_SQLITE", "postgres": "DB_POSTGRES", "mysql": "DB_MYSQL"}
DB_TYPE = {"int": "DB_INT", "text": "DB_TEXT", "blob": "DB_BLOB", "uuid": "DB_UUID"}
NOTICE = "/* Written by tools/sqlgen from the .sql files; do not edit. */\n"
# SQL is longer than the 4095 characters that ISO C promises for one literal; gcc and clang take it
LONG_STRINGS = '#pragma GCC diagnostic ignored "-Woverlength-strings"\n'


def c_type(field):
    if field.type == "int":
        return "struct db_int" if field.nullable else "int64_t"
    if field.type == "uuid":
        return "struct db_uuid" if field.nullable else "struct id"
    return "struct str"


def c_string(text, indent="    "):
    """A literal of several lines, one per line of the text."""
    lines = text.split("\n")
    out = []
    for i, line in enumerate(lines):
        end = "\\n" if i + 1 < len(lines) else ""
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        escaped = escaped.replace("?", "\\?") if "??" in escaped else escaped
        out.append('%s"%s%s"' % (indent, escaped, end))
    return "\n".join(out)


def c_comment(text):
    return text.replace("*/", "* /").replace("/*", "/ *")


def rewrite(query, dialect):
    """The SQL with the dialect's placeholders, and for MySQL which param each '?' stands for."""
    text = query.text_for(dialect)
    index = {field.name: i for i, field in enumerate(query.params)}
    out, order, at = [], [], 0
    for start, end, name in text.uses:
        out.append(text.sql[at:start])
        number = index[name]
        if dialect == "mysql":
            out.append("?")
            order.append(number)
        else:
            out.append(("?%d" if dialect == "sqlite" else "$%d") % (number + 1))
        at = end
    out.append(text.sql[at:])
    return "".join(out), order


def struct(name, fields):
    lines = ["struct %s {" % name]
    for field in fields:
        notes = ["nullable"] if field.nullable and c_type(field) == "struct str" else []
        if field.type == "blob":
            notes.insert(0, "bytes")
        if field.comment:
            notes.append(c_comment(field.comment))
        note = " /* %s */" % ", ".join(notes) if notes else ""
        lines.append("    %s %s;%s" % (c_type(field), field.name, note))
    return "\n".join(lines + ["};"])


def inline(name, arguments, call):
    line = head = "static inline int %s(" % name
    done = []
    for i, argument in enumerate(arguments):
        argument += ")" if i + 1 == len(arguments) else ", "
        if len(line + argument) > 100:
            done.append(line.rstrip())
            line = " " * len(head)
        line += argument
    return "\n".join(done + [line]) + "\n{\n    return %s;\n}" % call


def functions(query):
    q = "q_" + query.name
    has = bool(query.params)
    first = ["struct db *db"] + (["const struct %s_params *p" % q] if has else [])
    params = "p" if has else "NULL"
    table = "&db_query_" + query.name
    if query.kind == "exec":
        out = [inline(q, first + ["int64_t *ret_changes"],
                      "db_exec(db, %s, %s, ret_changes)" % (table, params))]
        if has:
            out.append(inline(q + "_many", first + ["size_t n"],
                              "db_exec_many(db, %s, p, n)" % table))
        return out
    row = "struct %s_row" % q
    if query.kind == "one":
        return [inline(q, first + ["struct arena *a", row + " *row"],
                       "db_one(db, %s, %s, a, row)" % (table, params))]
    return [inline(q, first + ["struct arena *a", row + " **ret_rows", "size_t *ret_count"],
                   "db_many(db, %s, %s, a, ret_rows, ret_count)" % (table, params)),
            inline(q + "_each", first + [row + " *row",
                                         "int (*each)(void *arg, const void *row)", "void *arg"],
                   "db_each(db, %s, %s, row, each, arg)" % (table, params))]


def header(queries, table):
    guard = "ACOLHE_SQLGEN_%s_H" % table.upper()
    out = [NOTICE, "#ifndef %s\n#define %s\n\n#include \"db/db.h\"\n" % (guard, guard)]
    for query in queries:
        doc = [line for line in query.doc if line] or [query.name]
        out.append("/* %s */" % "\n * ".join(c_comment(line) for line in doc))
        if query.params:
            out.append(struct("q_%s_params" % query.name, query.params))
        if query.columns:
            out.append(struct("q_%s_row" % query.name, query.columns))
        out.append("extern const struct db_query db_query_%s;" % query.name)
        out.append("\n".join(functions(query)) + "\n")
    out.append("/* every query above */\nextern const struct db_query *const %s[];" % table)
    out.append("extern const size_t %s_count;\n\n#endif\n" % table)
    return "\n".join(out)


def columns(name, owner, fields):
    lines = ["static const struct db_column %s[] = {" % name]
    for field in fields:
        lines.append('    {"%s", %s, %s, offsetof(struct %s, %s)},' % (
            field.name, DB_TYPE[field.type], "true" if field.nullable else "false",
            owner, field.name))
    return "\n".join(lines + ["};"])


def source(queries, table, include):
    out = [NOTICE, '#include <stddef.h>\n\n#include "%s"\n' % include, LONG_STRINGS]
    for query in queries:
        out.append(query_source(query))
    names = ["&db_query_%s," % query.name for query in queries] or ["NULL,"]
    out.append("const struct db_query *const %s[] = {\n    %s\n};" % (table, "\n    ".join(names)))
    out.append("const size_t %s_count = %d;\n" % (table, len(queries)))
    return "\n".join(out)


def query_source(query):
    name, out = query.name, []
    q = "q_" + name
    members = ['    .name = "%s",' % name, "    .kind = DB_%s," % query.kind.upper()]
    members.append("    .sql =\n        {")
    order = []
    for dialect in DIALECTS:
        sql, places = rewrite(query, dialect)
        order = places if dialect == "mysql" else order
        members.append("            [%s] =\n%s," % (ENUM[dialect], c_string(sql, " " * 16)))
    members.append("        },")
    if query.params:
        out.append(columns(q + "_param_list", q + "_params", query.params))
        out.append("static const uint16_t %s_order[] = {%s};" % (q, ", ".join(map(str, order))))
        members += ["    .params = %s_param_list," % q,
                    "    .param_count = %d," % len(query.params),
                    "    .param_size = sizeof(struct %s_params)," % q,
                    "    .order = {[DB_MYSQL] = %s_order}," % q,
                    "    .order_count = {[DB_MYSQL] = %d}," % len(order)]
    if query.columns:
        out.append(columns(q + "_column_list", q + "_row", query.columns))
        members += ["    .columns = %s_column_list," % q,
                    "    .column_count = %d," % len(query.columns),
                    "    .row_size = sizeof(struct %s_row)," % q]
    out.append("const struct db_query db_query_%s = {\n%s\n};\n" % (name, "\n".join(members)))
    return "\n".join(out)


def migrations(by_dialect):
    out = [NOTICE, '#include <stddef.h>\n\n#include "db/db.h"\n', LONG_STRINGS]
    cases = []
    for dialect in DIALECTS:
        entries = ['    {%d, "%s",\n%s},' % (m.version, m.name, c_string(m.sql, " " * 5))
                   for m in by_dialect.get(dialect, [])]
        count = len(entries)
        entries = entries or ["    {0, NULL, NULL},"]
        out.append("static const struct db_migration %s[] = {\n%s\n};"
                   % (dialect, "\n".join(entries)))
        cases.append("    case %s:\n        *ret_count = %d;\n        return %s;"
                     % (ENUM[dialect], count, dialect))
    out.append("const struct db_migration *db_migrations(enum db_dialect dialect, "
               "size_t *ret_count)\n{\n    switch (dialect) {\n%s\n    case DB_DIALECTS_:\n"
               "        break;\n    }\n    *ret_count = 0;\n    return NULL;\n}\n"
               % "\n".join(cases))
    return "\n".join(out)
