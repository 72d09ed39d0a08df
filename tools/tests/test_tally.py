"""tools/tally counts what the runners print, in every form they print it."""

import unittest

from test_check_layers import load

tally = load("tally").tally


class Tally(unittest.TestCase):
    def counts(self, text):
        return {name: (c.passed, c.failed) for name, c in tally(text).items()}

    def test_meson(self):
        text = "Ok:                 12  \nExpected Fail:      0   \nFail:  2\nUnexpected Pass: 1\n"
        text += "Skipped: 3\nTimeout:            4   \n"
        self.assertEqual(self.counts(text), {"meson": (12, 7)})

    def test_node_both_reporters_and_several_suites(self):
        text = "# tests 5\n# pass 3\n# fail 1\n# cancelled 1\n"
        text += "\x1b[34mℹ pass 7\x1b[39m\n\x1b[34mℹ fail 0\x1b[39m\n"
        self.assertEqual(self.counts(text), {"node": (10, 2)})

    def test_unittest(self):
        self.assertEqual(self.counts("Ran 9 tests in 0.1s\n\nOK\n"), {"unittest": (9, 0)})
        text = "Ran 9 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)\n"
        self.assertEqual(self.counts(text), {"unittest": (6, 3)})

    def test_fuzz(self):
        self.assertEqual(self.counts("fuzz: 4 passed, 1 failed\n"), {"fuzz": (4, 1)})

    def test_other_lines_count_nothing(self):
        self.assertEqual(self.counts("all fine\npass 3\n 1/9 unit OK 0.1s\n"), {})


if __name__ == "__main__":
    unittest.main()
