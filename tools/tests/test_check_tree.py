"""tools/check-tree refuses what it should, and only that."""

import unittest

from test_check_layers import load

tree = load("check-tree")


class CheckTree(unittest.TestCase):
    def test_long_file_fails_at_one_line_more(self):
        self.assertEqual(tree.check_file("src/net/a.c", "/* why */\n" + "x\n" * 499), [])
        self.assertEqual(
            tree.check_file("src/net/a.c", "/* why */\n" + "x\n" * 500),
            ["src/net/a.c: 501 lines; 500 are allowed"],
        )

    def test_unfinished_words_fail_anywhere(self):
        for word in ("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"):
            self.assertEqual(
                tree.check_file("docs/x.md", f"a\nb {word}: c\n"),
                [f"docs/x.md:2: unfinished: {word}"],
            )

    def test_words_that_only_contain_them_pass(self):
        self.assertEqual(tree.check_file("src/a.c", '/* a */ "/tmp/acolhe-XXXXXX"; HACKNEY\n'), [])

    def test_vague_words_fail_in_code_only(self):
        text = "// it does that for" " now\n"
        self.assertEqual(
            tree.check_file("web/src/a.ts", text), ["web/src/a.ts:1: unfinished: for" " now"]
        )
        self.assertEqual(tree.check_file("README.md", text), [])

    def test_machine_paths_fail(self):
        self.assertEqual(
            len(tree.check_file("tools/x", "cd /wo" "rk/main\n/ro" "ot/.cache/x\n")), 2
        )
        self.assertEqual(tree.check_file("docs/x.md", "frame" "/wo" "rk/units, /workers/\n"), [])

    def test_lockfile_with_addresses_fails(self):
        line = '  "resolved": "https://reg' 'istry.example/x.tgz",\n'
        self.assertEqual(len(tree.check_file("web/package-lock.json", line)), 1)
        self.assertEqual(
            tree.check_file("web/.npmrc", "omit-lockfile-registry-resolved=true\n"), []
        )

    def test_c_file_without_reason_fails(self):
        self.assertEqual(
            tree.check_file("src/a.h", "#ifndef A\n"),
            ["src/a.h:1: its first comment should say why it exists"],
        )


if __name__ == "__main__":
    unittest.main()
