/*
 * password_policy.c - see password_policy.h.
 *
 *      password_judge -> judge_folded -> is_common -> in_table
 *                                     -> is_personal -> drop_words
 */
#include "domain/password_policy.h"

#include "base/error.h"
#include "domain/common_passwords.h"
#include "domain/fold.h"

#define ENDING_MAX                                                                                 \
    4              /* digits or signs behind a common word that add next to nothing: 2024, !, 123 */
#define UNIT_MAX 4 /* a repetition of so few characters is common whatever they are */

const char *password_verdict_code(enum password_verdict verdict)
{
    switch (verdict) {
    case PASSWORD_TOO_SHORT:
        return "too_short";
    case PASSWORD_TOO_LONG:
        return "too_long";
    case PASSWORD_NOT_TEXT:
        return "invalid";
    case PASSWORD_COMMON:
    case PASSWORD_PERSONAL:
        return "common_password";
    case PASSWORD_GOOD:
    case PASSWORD_UNKNOWN:
        return NULL;
    }
    return NULL;
}

static bool in_table(struct str word)
{
    size_t low = 0;
    size_t high = common_password_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t start = common_password_starts[middle];
        struct str entry = {common_password_bytes + start,
                            common_password_starts[middle + 1] - start};
        size_t n = entry.n < word.n ? entry.n : word.n;
        int order = memcmp(word.p, entry.p, n);

        if (order == 0)
            order = (word.n > entry.n) - (word.n < entry.n);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The character that a look-alike stands for. */
static char plain_letter(char c)
{
    static const char from[] = "@4031!$57";
    static const char to[] = "aaoeiisst";
    const char *at = c ? strchr(from, c) : NULL;

    return at ? to[at - from] : c;
}

/* Is it in the table as it is, or with its endings of digits and signs off, or with look-alikes
 * taken for letters? `scratch` has room for n bytes. */
static bool is_word(struct str s, char *scratch)
{
    size_t digits = 0;
    size_t signs = 0;

    for (struct str stem = s; stem.n > 0; stem.n--) {
        if (stem.n < s.n) {
            char cut = s.p[stem.n];
            digits += is_digit(cut);
            signs += !is_digit(cut);
            if (is_letter(cut) || digits > ENDING_MAX || signs > ENDING_MAX)
                return false;
        }
        if (in_table(stem))
            return true;
        for (size_t i = 0; i < stem.n; i++)
            scratch[i] = plain_letter(stem.p[i]);
        if (in_table((struct str){scratch, stem.n}))
            return true;
    }
    return false;
}

/* The shortest piece whose repetition is the whole text, the last time maybe cut. */
static size_t unit_length(struct str s)
{
    size_t unit = 1;

    while (unit < s.n && memcmp(s.p, s.p + unit, s.n - unit) != 0)
        unit++;
    return unit;
}

static bool is_common(struct str s, char *scratch)
{
    size_t unit = unit_length(s);

    if (unit <= UNIT_MAX || is_word(s, scratch))
        return true;
    return unit <= s.n / 2 && in_table((struct str){s.p, unit});
}

/* Takes every occurrence of a word out of text (in place); the words of `from` are what stands
 * between its blanks and signs, from two bytes on. */
static void drop_words(char *text, size_t *n, struct str from)
{
    size_t start = 0;

    for (size_t i = 0; i <= from.n; i++) {
        bool inside = i < from.n && (is_letter(from.p[i]) || is_digit(from.p[i]));
        if (inside)
            continue;
        struct str word = {from.p + start, i - start};
        start = i + 1;
        if (word.n < 2)
            continue;
        char *at;
        while ((at = memmem(text, *n, word.p, word.n))) {
            memmove(at, at + word.n, *n - (size_t)(at - text) - word.n);
            *n -= word.n;
        }
    }
}

/* Without the words of name and e-mail, is anything left that counts? */
static bool is_personal(struct str s, struct str email, struct str name, char *scratch)
{
    size_t n = s.n;
    size_t counting = 0;

    memcpy(scratch, s.p, n);
    drop_words(scratch, &n, name);
    drop_words(scratch, &n, email);
    if (n == s.n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (is_letter(scratch[i]))
            return false;
        counting += is_digit(scratch[i]);
    }
    return counting <= ENDING_MAX;
}

static enum password_verdict judge_folded(struct str folded, struct str email, struct str name,
                                          char *scratch)
{
    if (folded.n == 0 || is_common(folded, scratch))
        return PASSWORD_COMMON;
    if (is_personal(folded, email, name, scratch))
        return PASSWORD_PERSONAL;
    return PASSWORD_GOOD;
}

static void wipe(struct str s)
{
    if (s.n > 0)
        explicit_bzero((char *)(uintptr_t)s.p, s.n); /* the arena's memory is writable */
}

enum password_verdict password_judge(struct str password, struct str email, struct str name,
                                     struct arena *a)
{
    struct str folded, folded_email, folded_name;
    size_t count;

    if (!str_utf8(password, &count) || (password.n > 0 && memchr(password.p, '\0', password.n)))
        return PASSWORD_NOT_TEXT;
    if (count < PASSWORD_MIN_CHARS)
        return PASSWORD_TOO_SHORT;
    if (count > PASSWORD_MAX_CHARS)
        return PASSWORD_TOO_LONG;
    if (text_fold(password, a, &folded) < 0)
        return PASSWORD_UNKNOWN;
    char *scratch = arena_alloc(a, folded.n);
    enum password_verdict verdict = PASSWORD_UNKNOWN;
    if (scratch && text_fold(email, a, &folded_email) == 0 && text_fold(name, a, &folded_name) == 0)
        verdict = judge_folded(folded, folded_email, folded_name, scratch);
    wipe(folded);
    if (scratch)
        explicit_bzero(scratch, folded.n);
    return verdict;
}
