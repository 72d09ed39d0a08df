"""Reads query files and migration folders, and refuses what would only fail later.

A query file is a row of blocks; see sql/queries for living examples:

    -- name: user_by_email :one
    -- Finds an account by its normalised address.        (free lines: the doc comment)
    -- param: email_norm text
    -- column: id uuid
    -- column: password_hash text?   ('?' = nullable; what follows the type is its comment)
    SELECT id, password_hash FROM users WHERE email_norm = :email_norm;
    -- dialect: mysql                (takes the place of the default text there; several may be named)
    SELECT ...;

The text before any `-- dialect:` line is the default and serves every dialect without one of its own.
"""

import os
import re

DIALECTS = ("sqlite", "postgres", "mysql")  # in the order of enum db_dialect
KINDS = ("exec", "one", "many")
TYPES = ("int", "text", "blob", "uuid")

C_KEYWORDS = frozenset("""auto break case char const continue default do double else enum extern float
for goto if inline int long register restrict return short signed sizeof static struct switch typedef
union unsigned void volatile while asm typeof""".split())

# What the default text may not use, because the dialects disagree about it.
NOT_PORTABLE = (
    (re.compile(r"\bRETURNING\b", re.I), "RETURNING"),
    (re.compile(r"\bON\s+CONFLICT\b", re.I), "ON CONFLICT"),
    (re.compile(r"\bON\s+DUPLICATE\s+KEY\b", re.I), "ON DUPLICATE KEY"),
    (re.compile(r"\b(?:INSERT|UPDATE)\s+OR\s+\w+", re.I), "INSERT OR / UPDATE OR"),
    (re.compile(r"\bREPLACE\s+INTO\b", re.I), "REPLACE INTO"),
)

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
BLOCK = re.compile(r"--\s*name:\s*(.*)\Z")
FIELD = re.compile(r"--\s*(param|column):\s*(.*)\Z")
DIALECT = re.compile(r"--\s*dialect:\s*(.*)\Z")
# In this order: quoted things and comments (left alone), a cast, a placeholder, a bare question mark.
TOKEN = re.compile(r"""
      (?P<skip> '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | --[^\n]* | /\*.*?\*/ )
    | (?P<cast> :: )
    | : (?P<name> [A-Za-z_][A-Za-z0-9_]* )
    | (?P<bare> \? )
    | (?P<open> ['"`] | /\* )
    """, re.X | re.S)
MIGRATION = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql\Z")


class Errors:
    """All mistakes of a run, as file:line: message."""

    def __init__(self):
        self.found = []

    def add(self, path, line, message):
        self.found.append("%s:%d: error: %s" % (path, line, message))


class Field:
    def __init__(self, name, kind, nullable, comment, line):
        self.name, self.type, self.nullable = name, kind, nullable
        self.comment, self.line = comment, line


class Text:
    """One SQL text of a block; placeholders found in it, with their places."""

    def __init__(self, line):
        self.line = line  # of its first line
        self.lines = []
        self.sql = ""
        self.uses = []  # (start, end, name)


class Query:
    def __init__(self, name, kind, path, line):
        self.name, self.kind, self.path, self.line = name, kind, path, line
        self.doc, self.params, self.columns = [], [], []
        self.texts = {}  # dialect, or None for the default -> Text

    def text_for(self, dialect):
        return self.texts.get(dialect) or self.texts.get(None)


class Migration:
    def __init__(self, version, name, sql):
        self.version, self.name, self.sql = version, name, sql


def placeholders(text, path, errors):
    """Fills text.uses; returns the text with quoted things and comments blanked out."""
    masked = list(text.sql)
    for token in TOKEN.finditer(text.sql):
        line = text.line + text.sql.count("\n", 0, token.start())
        if token.group("skip"):
            for i in range(token.start(), token.end()):
                masked[i] = "\n" if masked[i] == "\n" else " "
        elif token.group("name"):
            text.uses.append((token.start(), token.end(), token.group("name")))
        elif token.group("bare"):
            errors.add(path, line, "a bare '?': name the placeholder, :like_this")
        elif token.group("open"):
            errors.add(path, line, "%s is never closed" % token.group("open"))
    return "".join(masked)


def finish_text(query, dialect, text, errors):
    """Trims one text and checks it against what the block declares."""
    while text.lines and not text.lines[0].strip():
        text.lines.pop(0)
        text.line += 1
    while text.lines and not text.lines[-1].split("--")[0].strip():
        text.lines.pop()  # blank lines and remarks that belong to the next block
    text.sql = "\n".join(line.rstrip() for line in text.lines).rstrip()
    label = dialect or "default"
    masked = placeholders(text, query.path, errors)
    body = masked.rstrip()
    if body.endswith(";"):
        end = len(body) - 1
        text.sql = text.sql[:end] + text.sql[end + 1:]
        masked = body = body[:-1]
    if not body.strip():
        errors.add(query.path, text.line, "%s: the %s text is empty" % (query.name, label))
        return
    if ";" in masked:
        line = text.line + masked.count("\n", 0, masked.index(";"))
        errors.add(query.path, line, "%s: one statement per block" % query.name)
    declared = {field.name for field in query.params}
    for start, _, name in text.uses:
        if name not in declared:
            line = text.line + text.sql.count("\n", 0, start)
            errors.add(query.path, line, "%s: :%s is not declared with '-- param:'"
                       % (query.name, name))
    used = {name for _, _, name in text.uses}
    for field in query.params:
        if field.name not in used:
            errors.add(query.path, field.line, "%s: param %s is not used in the %s text"
                       % (query.name, field.name, label))
    if dialect is None:
        for pattern, word in NOT_PORTABLE:
            match = pattern.search(masked)
            if match:
                line = text.line + masked.count("\n", 0, match.start())
                errors.add(query.path, line, "%s: %s differs between dialects: write "
                           "'-- dialect:' texts" % (query.name, word))


def finish_query(query, errors):
    for dialect, text in query.texts.items():
        finish_text(query, dialect, text, errors)
    if not query.texts:
        errors.add(query.path, query.line, "%s: there is no SQL" % query.name)
    elif None not in query.texts:
        for dialect in DIALECTS:
            if dialect not in query.texts:
                errors.add(query.path, query.line, "%s: no text for %s and no default"
                           % (query.name, dialect))
    if query.kind == "exec" and query.columns:
        errors.add(query.path, query.columns[0].line, "%s: :exec has no columns" % query.name)
    if query.kind in ("one", "many") and not query.columns:
        errors.add(query.path, query.line, "%s: :%s needs '-- column:' lines"
                   % (query.name, query.kind))


def start_query(rest, path, line, names, errors):
    words = rest.split()
    name = words[0] if words else ""
    kind = words[1][1:] if len(words) == 2 and words[1].startswith(":") else ""
    if not NAME.match(name):
        errors.add(path, line, "'%s' is not a query name (lower case, digits, _)" % name)
    if kind not in KINDS:
        errors.add(path, line, "%s: the kind must be one of :exec :one :many" % name)
        kind = ""
    if name in names:
        errors.add(path, line, "%s: there is a query of this name at %s:%d"
                   % ((name,) + names[name]))
    names[name] = (path, line)
    return Query(name, kind, path, line)


def add_field(query, which, rest, line, errors):
    words = rest.split(None, 2)
    name = words[0] if words else ""
    kind = words[1] if len(words) > 1 else ""
    nullable = kind.endswith("?")
    kind = kind[:-1] if nullable else kind
    fields = query.params if which == "param" else query.columns
    if not NAME.match(name) or name in C_KEYWORDS:
        errors.add(query.path, line, "'%s' cannot be the name of a C member" % name)
    if kind not in TYPES:
        errors.add(query.path, line, "%s %s: '%s' is not a type; there are: %s"
                   % (which, name, kind, ", ".join(TYPES)))
    if any(field.name == name for field in fields):
        errors.add(query.path, line, "%s %s is declared twice" % (which, name))
    comment = words[2].strip() if len(words) > 2 else ""
    fields.append(Field(name, kind, nullable, comment, line))


def start_dialects(query, rest, line, errors):
    """The text that follows, shared by every dialect named."""
    text = Text(line + 1)
    names = rest.replace(",", " ").split()
    if not names:
        errors.add(query.path, line, "name a dialect: %s" % ", ".join(DIALECTS))
    for name in names:
        if name not in DIALECTS:
            errors.add(query.path, line, "%s: unknown dialect '%s'; there are: %s"
                       % (query.name, name, ", ".join(DIALECTS)))
        elif name in query.texts:
            errors.add(query.path, line, "%s: a second text for %s" % (query.name, name))
        else:
            query.texts[name] = Text(line + 1)
            query.texts[name].lines = text.lines
    return text


def parse_queries(path, content, names, errors):
    """The queries of one file. `names` holds where each name known so far was defined."""
    queries, query, text = [], None, None
    for number, line in enumerate(content.split("\n"), 1):
        bare = line.strip()
        block = BLOCK.match(bare)
        if block:
            query = start_query(block.group(1), path, number, names, errors)
            queries.append(query)
            text = None
            continue
        if query is None:
            if bare and not bare.startswith("--"):
                errors.add(path, number, "SQL before the first '-- name:' line")
                return queries
            continue
        dialect, field = DIALECT.match(bare), FIELD.match(bare)
        if dialect:
            text = start_dialects(query, dialect.group(1), number, errors)
        elif field:
            if text is not None:
                errors.add(path, number, "%s lines stand before the SQL" % field.group(1))
            add_field(query, field.group(1), field.group(2), number, errors)
        elif text is not None:
            text.lines.append(line)
        elif bare.startswith("--"):
            query.doc.append(bare[2:].strip())
        elif bare:
            text = query.texts[None] = Text(number)
            text.lines.append(line)
    for query in queries:
        for dialect in list(query.texts):  # shared lines become each text's own
            query.texts[dialect].lines = list(query.texts[dialect].lines)
        finish_query(query, errors)
    return queries


def read_queries(folder, errors, inputs):
    queries, names = [], {}
    inputs.add(folder)
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".sql") or name.startswith("."):
            continue
        path = os.path.join(folder, name)
        inputs.add(path)
        with open(path, encoding="utf-8") as file:
            queries += parse_queries(path, file.read(), names, errors)
    return queries


def read_migrations(folder, errors, inputs):
    """{dialect: [Migration]}, ascending. A dialect without a folder has none."""
    result = {dialect: [] for dialect in DIALECTS}
    inputs.add(folder)
    for dialect in DIALECTS:
        place = os.path.join(folder, dialect)
        if not os.path.isdir(place):
            continue
        inputs.add(place)
        for name in sorted(os.listdir(place)):
            path = os.path.join(place, name)
            match = MIGRATION.match(name)
            if not match:
                if name.endswith(".sql"):
                    errors.add(path, 1, "a migration is called NNNN_name.sql")
                continue
            inputs.add(path)
            version = int(match.group(1))
            if version != len(result[dialect]) + 1:
                errors.add(path, 1, "migration %d expected here: no gaps, none twice"
                           % (len(result[dialect]) + 1))
            with open(path, encoding="utf-8") as file:
                sql = file.read()
            if not sql.strip():
                errors.add(path, 1, "the migration is empty")
            result[dialect].append(Migration(version, match.group(2), sql))
    return result
