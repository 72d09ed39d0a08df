/* test_frames.c - the protocol's frames from the server, byte for byte as docs/protocol.md and the
 * clients know them. */
#include <jansson.h>

#include "../unit.h"
#include "net/ws_frame.h"
#include "realtime/frames.h"

#define C "01890a5d-ac96-774b-bcce-b302099a8057"
#define M "01890a5d-ac96-774b-bcce-b302099a8058"
#define U "01890a5d-ac96-774b-bcce-b302099a8059"
#define AT INT64_C(1777896000123456)
#define AT_TEXT "2026-05-04T12:00:00.123Z"

static struct str bytes_of(const struct ws_frame *f)
{
    return str_of(f->bytes, f->size);
}

static struct id id_from(const char *text)
{
    struct id id;

    assert_int_equal(id_parse(str_from(text), &id), 0);
    return id;
}

static void check(struct ws_frame *f, const char *want)
{
    struct str bytes;

    assert_non_null(f);
    bytes = bytes_of(f);
    size_t head = bytes.n > 1 && (unsigned char)bytes.p[1] == 126 ? 4 : 2;
    assert_int_equal((unsigned char)bytes.p[0], 0x81);
    assert_str(str_of(bytes.p + head, bytes.n - head), want);
    ws_frame_unref(f);
}

static struct message message(struct str text)
{
    return (struct message){.conversation = id_from(C),
                            .seq = 7,
                            .client_id = id_from(M),
                            .from = id_from(U),
                            .kind = MESSAGE_TEXT,
                            .text = text,
                            .at = AT,
                            .version = 1};
}

#define MESSAGE_HEAD                                                                               \
    "{\"op\":\"message\",\"conversation\":\"" C "\",\"seq\":7,\"client_id\":\"" M                  \
    "\",\"from\":\"" U "\",\"kind\":"

static void messages(void **state)
{
    struct message m = message(STR("oi"));

    (void)state;
    check(frame_message(&m), MESSAGE_HEAD "\"text\",\"text\":\"oi\",\"at\":\"" AT_TEXT "\"}");
    m.edited_at = AT + 60000000;
    check(frame_message(&m), MESSAGE_HEAD "\"text\",\"text\":\"oi\",\"at\":\"" AT_TEXT
                                          "\",\"edited_at\":\"2026-05-04T12:01:00.123Z\"}");
    m.edited_at = 0;
    m.deleted = true; /* what was there is told to nobody, even if it is at hand */
    check(frame_message(&m),
          MESSAGE_HEAD "\"text\",\"text\":\"\",\"at\":\"" AT_TEXT "\",\"deleted\":true}");
    m = message(STR(NOTICE_OPENED));
    m.kind = MESSAGE_NOTICE;
    check(frame_message(&m),
          MESSAGE_HEAD "\"notice\",\"text\":\"relationship.opened\",\"at\":\"" AT_TEXT "\"}");
}

static void the_others(void **state)
{
    const struct id c = id_from(C);
    const struct id m = id_from(M);
    const struct id u = id_from(U);

    (void)state;
    check(frame_ack(&c, &m, 9, AT), "{\"op\":\"ack\",\"conversation\":\"" C "\",\"client_id\":\"" M
                                    "\",\"seq\":9,\"at\":\"" AT_TEXT "\"}");
    check(frame_edited(&c, 9, STR("a\"b"), AT),
          "{\"op\":\"edited\",\"conversation\":\"" C
          "\",\"seq\":9,\"text\":\"a\\\"b\",\"at\":\"" AT_TEXT "\"}");
    check(frame_deleted(&c, 9, AT),
          "{\"op\":\"deleted\",\"conversation\":\"" C "\",\"seq\":9,\"at\":\"" AT_TEXT "\"}");
    check(frame_watermark("read", &c, 3, &u, AT),
          "{\"op\":\"read\",\"conversation\":\"" C "\",\"seq\":3,\"by\":\"" U "\",\"at\":\"" AT_TEXT
          "\"}");
    check(frame_watermark("delivered", &c, INT64_MAX, &u, AT),
          "{\"op\":\"delivered\",\"conversation\":\"" C "\",\"seq\":9223372036854775807,\"by\":\"" U
          "\",\"at\":\"" AT_TEXT "\"}");
    check(frame_typing(&c, &u), "{\"op\":\"typing\",\"conversation\":\"" C "\",\"by\":\"" U "\"}");
    check(frame_synced(&c, 0), "{\"op\":\"synced\",\"conversation\":\"" C "\",\"seq\":0}");
    check(frame_presence(&u, true, AT),
          "{\"op\":\"presence\",\"user\":\"" U "\",\"online\":true,\"at\":\"" AT_TEXT "\"}");
    check(frame_presence(&u, false, AT),
          "{\"op\":\"presence\",\"user\":\"" U "\",\"online\":false,\"at\":\"" AT_TEXT "\"}");
    check(frame_event("relationship", &c),
          "{\"op\":\"event\",\"topic\":\"relationship\",\"id\":\"" C "\"}");
}

static void errors(void **state)
{
    const struct id m = id_from(M);

    (void)state;
    check(frame_error(-E_CLOSED, NULL, &m, 0),
          "{\"op\":\"error\",\"code\":\"conversation_closed\",\"detail\":\"The conversation is "
          "closed.\",\"client_id\":\"" M "\"}");
    check(frame_error(-E_UNAVAILABLE, "say \"x\"", NULL, 1500),
          "{\"op\":\"error\",\"code\":\"unavailable\",\"detail\":\"say \\\"x\\\"\","
          "\"retry_after_ms\":1500}");
}

/* The longest text there may be, of what grows most, still makes a frame that a client takes. */
static void the_longest_text_fits(void **state)
{
    static char text[4 * 4000];
    static const char *const letters[] = {"\x01", "\"", "\xe2\x80\xa8", "\xf0\x9f\x98\x80", "<"};

    (void)state;
    for (size_t l = 0; l < COUNT_OF(letters); l++) {
        size_t n = strlen(letters[l]);
        for (size_t i = 0; i < 4000; i++)
            memcpy(text + i * n, letters[l], n);
        struct message m = message(str_of(text, 4000 * n));
        struct ws_frame *f = frame_message(&m);
        assert_non_null(f);
        struct str bytes = bytes_of(f);
        assert_true(bytes.n < 65536);
        json_t *json = json_loadb(bytes.p + 4, bytes.n - 4, 0, NULL);
        assert_non_null(json);
        const char *back = json_string_value(json_object_get(json, "text"));
        assert_str(str_of(text, 4000 * n), back);
        json_decref(json);
        ws_frame_unref(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(the_others),
        cmocka_unit_test(errors),
        cmocka_unit_test(the_longest_text_fits),
    };
    return cmocka_run_group_tests_name("realtime/frames", tests, NULL, NULL);
}
