/*
 * fuzz_config.c - any bytes as a configuration file. Nothing may crash, every complaint must be fit
 * for a terminal, no secret may stand in one, and what is taken must be text.
 *
 * The first byte tells whether others can read the file.
 */
#include <stdlib.h>

#include "base/config.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct config_key keys[] = {
    {"A", CONFIG_TEXT, false, NULL, 0, 0, "text"},
    {"N", CONFIG_INT, false, "4", 1, 64, "number"},
    {"S", CONFIG_TEXT, true, NULL, 0, 0, "secret"},
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_errors(const struct config_errors *errors, struct str secret)
{
    must(errors->count <= CONFIG_ERRORS_MAX);
    for (size_t i = 0; i < errors->count; i++) {
        struct str text = str_from(errors->list[i].text);
        must(text.n > 0 && text.n < sizeof errors->list[i].text);
        for (size_t k = 0; k < text.n; k++)
            must(text.p[k] >= ' ' && text.p[k] < 0x7F);
        /* a short one may stand in a message by chance */
        must(secret.n < 40 || !memmem(text.p, text.n, secret.p, secret.n));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config;
    struct config_errors errors = {.count = 0};
    bool shared = size > 0 && (data[0] & 1);

    if (size > 0) {
        data++;
        size--;
    }
    if (config_init(keys, 3, &config) < 0)
        return 0;
    int r = config_parse(&config, str_of(data, size), "f", shared, &errors);
    must(r == 0 || r == -E_NO_MEMORY);
    struct str text = config_text(&config, "A");
    struct str secret = config_text(&config, "S");
    must(!text.p || (str_utf8(text, NULL) && strlen(text.p) == text.n));
    must(!secret.p || (str_utf8(secret, NULL) && strlen(secret.p) == secret.n));
    must(!(secret.p && shared && !errors.fatal) ||
         memmem(data, size, "S_FILE", 6)); /* a secret in a shared file is refused */
    check_errors(&errors, secret);
    config_done(&config);
    return 0;
}
