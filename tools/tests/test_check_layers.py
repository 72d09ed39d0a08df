"""tools/check-layers refuses what it should, and only that."""

import importlib.machinery
import importlib.util
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent


def load(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(TOOLS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


layers = load("check-layers")


class CheckLayers(unittest.TestCase):
    def problems(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder, "src", name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return [p.replace(folder + "/src/", "") for p in layers.check(Path(folder))]

    def test_allowed_edges_pass(self):
        self.assertEqual(
            self.problems(
                {
                    "app/a.c": '#include "app/a.h"\n#include "store/s.h"\n#include "base/str.h"\n',
                    "app/a.h": "/* a */\n",
                    "store/s.h": '#include "db/queries.h"\n#include <stdio.h>\n',
                    "base/str.h": "",
                    "main.c": '#include "cli/cli.h"\n',
                }
            ),
            [],
        )

    def test_edge_outside_the_table_fails(self):
        self.assertEqual(
            self.problems({"net/n.c": '/* n */\n#include "domain/cpf.h"\n'}),
            ["net/n.c:2: net may not use domain (domain/cpf.h)"],
        )

    def test_nothing_is_inherited(self):
        self.assertEqual(
            self.problems({"api/a.c": '#  include   "store/s.h"\n'}),
            ["api/a.c:1: api may not use store (store/s.h)"],
        )

    def test_base_uses_nobody(self):
        self.assertEqual(
            self.problems({"base/b.h": '#include "json/json.h"\n'}),
            ["base/b.h:1: base may not use json (json/json.h)"],
        )

    def test_every_room_of_the_table_is_held_to_it(self):
        for room, allowed in layers.ALLOWED.items():
            if room == ".":
                continue
            for other in set(layers.ALLOWED) - {room, ".", "base"}:
                found = self.problems({f"{room}/x.c": f'#include "{other}/y.h"\n'})
                self.assertEqual(bool(found), other not in allowed, f"{room} -> {other}")

    def test_making_grants_is_for_authz_alone(self):
        text = '#include "store/grant_make.h"\n#include "store/grant.h"\n'
        self.assertEqual(
            self.problems({"app/a.c": text}), ["app/a.c:1: store/grant_make.h is for authz alone"]
        )
        self.assertEqual(self.problems({"authz/a.c": text, "store/grant.c": text}), [])

    def test_queries_are_for_the_store_alone(self):
        text = '#include "db/db.h"\n#include "db/queries.h"\n'
        self.assertEqual(
            self.problems({"app/a.c": text}), ["app/a.c:2: db/queries.h is for store alone"]
        )
        self.assertEqual(
            self.problems({"cli/a.c": '#include "db/driver.h"\n'}),
            ["cli/a.c:1: db/driver.h is for db alone"],
        )
        self.assertEqual(self.problems({"store/a.c": text}), [])

    def test_unknown_room_fails(self):
        self.assertEqual(
            self.problems({"util/u.c": ""}),
            ["util/u.c: util/ is no room of the table in tools/check-layers"],
        )

    def test_include_without_its_room_fails(self):
        self.assertEqual(
            self.problems({"net/n.c": '#include "n.h"\n'}),
            ['net/n.c:1: write "net/n.h", with the room'],
        )

    def test_table_files_count(self):
        self.assertEqual(
            self.problems({"json/t.def": '#include "net/n.h"\n'}),
            ["json/t.def:1: json may not use net (net/n.h)"],
        )

    def test_headers_in_a_circle_fail(self):
        found = self.problems(
            {
                "net/a.h": '#include "net/b.h"\n',
                "net/b.h": '#include "net/c.h"\n',
                "net/c.h": '#include "net/a.h"\n',
            }
        )
        self.assertEqual(
            found, ["headers include each other: net/a.h -> net/b.h -> net/c.h -> net/a.h"]
        )

    def test_banned_h_is_not_an_edge(self):
        self.assertEqual(self.problems({"net/n.c": '#include "base/banned.h"\n'}), [])

    def test_empty_tree_is_no_pass(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertNotEqual(layers.check(Path(folder)), [])


if __name__ == "__main__":
    unittest.main()
