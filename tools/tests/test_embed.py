"""tools/embed gives the compiler exactly the bytes of the client."""

import ast
import gzip
import json
import re
import tempfile
import unittest
from pathlib import Path

from test_check_layers import load

embed = load("embed")


def c_bytes(source, name):
    """What a C compiler reads from the array `name` (its literals are ASCII with octal escapes)."""
    body = re.search(rf"char {name}\[\] =\n(.*?);\n", source, re.DOTALL).group(1)
    return b"".join(ast.literal_eval("b" + line.strip()) for line in body.split("\n"))


class Embed(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.dist = Path(self.folder.name)

    def build(self, files):
        for path, data in files.items():
            target = self.dist / path[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        listed = {"files": [{"path": path} for path in files]}
        (self.dist / "files.json").write_text(json.dumps(listed), encoding="utf-8")
        return embed.generate(self.dist, embed.client_files(self.dist))

    def test_every_byte_survives(self):
        data = bytes(range(256)) * 3 + b'??/"\\x41\\0009'
        source = self.build({"/index.html": data})
        self.assertEqual(c_bytes(source, "plain_0"), data)
        self.assertEqual(gzip.decompress(c_bytes(source, "gzip_0")), data)

    def test_same_input_same_bytes(self):
        files = {"/index.html": b"<p>" * 500, "/assets/a-1.js": b"let a;"}
        self.assertEqual(self.build(files), self.build(files))

    def test_sorted_by_path_and_only_assets_are_immutable(self):
        source = self.build({"/sw.js": b"s", "/index.html": b"i", "/assets/z-1.css": b"z"})
        rows = re.findall(r'\{"(/[^"]*)", "([^"]*)", "W/[^,]*, (true|false),', source)
        self.assertEqual(
            rows,
            [
                ("/assets/z-1.css", "text/css; charset=utf-8", "true"),
                ("/index.html", "text/html; charset=utf-8", "false"),
                ("/sw.js", "text/javascript; charset=utf-8", "false"),
            ],
        )

    def test_what_does_not_shrink_has_no_gzip(self):
        self.assertNotIn("gzip_0", self.build({"/index.html": b"x"}))

    def test_unbuilt_client_says_what_to_do(self):
        with self.assertRaisesRegex(SystemExit, "make build"):
            embed.client_files(self.dist)

    def test_unknown_type_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "no content type"):
            self.build({"/index.html": b"x", "/a.exe": b"MZ"})


if __name__ == "__main__":
    unittest.main()
