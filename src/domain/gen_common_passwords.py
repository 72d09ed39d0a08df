#!/usr/bin/env python3
"""Makes the sorted table of common passwords out of common_passwords.txt.

    gen_common_passwords.py common_passwords.txt common_passwords.c

Adds what can be generated: runs of digits, walks over the keyboard, names with the usual digits
behind. password_policy.c itself handles endings of up to four characters, simple look-alike
letters and repetitions, so those need no entries here.
"""
import sys

DIGITS = "0123456789"
WALKS = [DIGITS, "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertyuiopasdfghjklzxcvbnm",
         "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
         "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "azertyuiopqsdfghjklmwxcvbn",
         "abcdefghijklmnopqrstuvwxyz", "a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j"]
TAILS = ["12345", "123456", "1234567", "12345678", "123456789", "1234567890", "102030", "112233",
         "654321", "1q2w3e"]


def generated(words):
    for walk in WALKS:
        for text in (walk, walk[::-1]):
            for start in range(len(text)):
                for end in range(start + 6, len(text) + 1):
                    yield text[start:end]
    for start in range(10):
        for length in range(6, 25):
            up = "".join(DIGITS[(start + i) % 10] for i in range(length))
            yield up
            yield up[::-1]
    for word in words:
        if word.isalpha() and len(word) <= 9:
            for tail in TAILS:
                yield word + tail


def main(source, target):
    with open(source, encoding="ascii") as f:
        words = [line.strip() for line in f if line.strip() and not line.startswith("# ")]
    if words != sorted(set(words)) or any(w != w.lower() for w in words):
        sys.exit(f"{source}: entries must be lower case, sorted and each there once")
    # only names get tails: those are the entries that come with "123" as well
    named = [w[:-3] for w in words if w.endswith("123") and w[:-3] in set(words)]
    table = sorted(set(words) | set(generated(named)))
    with open(target, "w", encoding="ascii") as out:
        out.write("/* made by gen_common_passwords.py */\n"
                  '#include "domain/common_passwords.h"\n\n'
                  f"const size_t common_password_count = {len(table)};\n"
                  "const uint32_t common_password_starts[] = {\n")
        start = 0
        for word in table:
            out.write(f"{start},\n")
            start += len(word)
        out.write(f"{start}}};\nconst char common_password_bytes[] = {{\n")
        for word in table:
            out.write(",".join(str(ord(c)) for c in word) + ",\n")
        out.write("0};\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
