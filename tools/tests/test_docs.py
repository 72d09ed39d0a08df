"""What the documents say about settings is what the program's own table says."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = re.compile(r"\bACOLHE_[A-Z0-9_]+\b")
# in the environment only, or not for the public
NOT_IN_FILE = {"ACOLHE_CONFIG"}


def settings():
    """The rows of the table in settings.c: name, and the default as the file would have it."""
    source = (ROOT / "src/cli/settings.c").read_text(encoding="utf-8")
    table = re.search(r"config_key keys\[\] = \{(.*?)\n\};", source, re.DOTALL).group(1)
    table = re.sub(r"#ifdef ACOLHE_TEST_HOOKS.*?#endif", "", table, flags=re.DOTALL)
    rows = re.findall(r'\{"(ACOLHE_\w+)", CONFIG_\w+, (?:true|false), ("[^"]*"|NULL|\w+),', table)
    return {name: default.strip('"') for name, default in rows}


def plain(name):
    return name.removesuffix("_FILE")


class Settings(unittest.TestCase):
    def setUp(self):
        self.settings = settings()
        self.assertGreater(len(self.settings), 10)

    def text(self, name):
        return (ROOT / name).read_text(encoding="utf-8")

    def test_every_setting_is_in_the_example(self):
        shown = re.findall(r"^#?(ACOLHE_\w+)=", self.text("docs/acolhe.conf"), re.MULTILINE)
        self.assertEqual(
            sorted(map(plain, shown)), sorted(set(self.settings) - NOT_IN_FILE)
        )

    def test_the_example_shows_the_defaults(self):
        shown = dict(
            re.findall(r"^#?(ACOLHE_\w+)=(.*)$", self.text("docs/acolhe.conf"), re.MULTILINE)
        )
        for name, default in self.settings.items():
            if default not in ("", "NULL", "ZONE_DEFAULT"):  # else it is an example
                self.assertEqual(shown.get(name), default, name)

    def test_every_setting_is_in_the_manual(self):
        manual = self.text("docs/acolhe.1.scd")
        heads = re.findall(r"^(\*ACOLHE_\w+\*(?:, \*ACOLHE_\w+\*)*)$", manual, re.MULTILINE)
        described = [name for head in heads for name in KEY.findall(head)]
        self.assertEqual(sorted(described), sorted(self.settings))

    def test_no_document_names_an_unknown_setting(self):
        documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
        for path in documents:
            for name in KEY.findall(path.read_text(encoding="utf-8")):
                self.assertIn(plain(name), self.settings, f"{path.name}: {name}")


if __name__ == "__main__":
    unittest.main()
