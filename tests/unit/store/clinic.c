/* clinic.c - see clinic.h. */
#include "clinic.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/log.h"
#include "store/accounts.h"
#include "store/conversations.h"
#include "store/doctors.h"
#include "store/messages.h"
#include "store/relationships.h"
#include "store/sessions.h"

int clinic_setup(void **state)
{
    struct clinic *c = calloc(1, sizeof *c);

    assert_non_null(c);
    assert_int_equal(crypto_setup(), 0);
    /* refusals are what many tests are about: their log lines would hide everything else */
    log_setup(LOG_TEXT, (enum log_level)(LOG_ERROR + 1));
    (void)snprintf(c->folder, sizeof c->folder, "/tmp/acolhe-test-clinic-XXXXXX");
    assert_non_null(mkdtemp(c->folder));
    (void)snprintf(c->path, sizeof c->path, "%s/clinic.db", c->folder);
    (void)snprintf(c->url, sizeof c->url, "sqlite:%s", c->path);
    (void)snprintf(c->key_path, sizeof c->key_path, "%s/keys", c->folder);
    arena_init(&c->arena, (size_t)256 << 20);
    assert_int_equal(keyring_open(c->key_path, true, NOON, &c->keys), 0);
    c->db = clinic_open(c);
    assert_int_equal(db_migrate(c->db, NOON, NULL), 0);
    c->node = id_new();
    *state = c;
    return 0;
}

int clinic_teardown(void **state)
{
    struct clinic *c = *state;

    db_close(c->db);
    keyring_free(c->keys);
    DIR *dir = opendir(c->folder);
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (e->d_name[0] != '.')
            (void)unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        (void)closedir(dir);
    assert_int_equal(rmdir(c->folder), 0);
    arena_done(&c->arena);
    free(c);
    return 0;
}

struct db *clinic_open(const struct clinic *c)
{
    struct db *db = NULL;

    assert_int_equal(db_open(&(struct db_options){.url = c->url}, &db), 0);
    return db;
}

/* ---- people ---- */

static struct id add_account(struct clinic *c, enum role role, const char *name)
{
    char email[64];
    struct new_account account = {.id = id_new(),
                                  .role = role,
                                  .name = str_from(name),
                                  .locale = STR("pt-BR"),
                                  .password_hash = STR("$none$")};

    (void)snprintf(email, sizeof email, "person%d@clinic.test", ++c->people);
    account.email = account.email_norm = str_from(email);
    COMMIT(c, account_insert(c->db, clinic_system(c), c->keys, &account, NOON));
    return account.id;
}

struct id clinic_patient(struct clinic *c, const char *name)
{
    return add_account(c, ROLE_PATIENT, name);
}

struct id clinic_staff(struct clinic *c, enum role role, const char *name)
{
    return add_account(c, role, name);
}

struct id clinic_doctor(struct clinic *c, const char *name, bool verified)
{
    static const struct office_interval hours[] = {{1, 480, 720}, {1, 840, 1080}};
    const struct specialty specialties[] = {{STR("Cardiologia"), STR("1234")},
                                            {STR("Acupuntura"), STR_NONE}};
    struct id id = add_account(c, ROLE_DOCTOR, name);
    struct str crm = arena_printf(&c->arena, "%d", 100000 + c->people);
    const struct new_doctor doctor = {
        .id = id,
        .crm = crm,
        .uf = STR("SP"),
        .timezone = STR("America/Sao_Paulo"),
        .specialties = specialties,
        .specialty_count = 2,
        .hours = hours,
        .hour_count = 2,
    };

    COMMIT(c, doctor_insert(c->db, clinic_system(c), &c->arena, &doctor));
    if (verified)
        clinic_verify(c, &id, true);
    return id;
}

void clinic_verify(struct clinic *c, const struct id *doctor, bool verified)
{
    const struct id *by = verified ? doctor : &ID_NONE;

    COMMIT(c, doctor_set_verified(c->db, clinic_system(c), doctor, by, NOON));
}

void clinic_disable(struct clinic *c, const struct id *user)
{
    COMMIT(c, account_set_state(c->db, clinic_system(c), user, ACCOUNT_DISABLED, NOON));
}

struct session clinic_session(struct clinic *c, const struct id *user, enum role role,
                              int64_t now_us, uint8_t hash[TOKEN_HASH])
{
    uint8_t own[TOKEN_HASH];
    char token[TOKEN_TEXT + 1];
    const struct session session = {
        .id = id_new(),
        .user = *user,
        .role = role,
        .verified = true,
        .created_at = now_us,
        .last_seen_at = now_us,
        .expires_at = now_us + 12 * US_PER_HOUR,
    };

    token_new(token, own);
    if (hash)
        memcpy(hash, own, sizeof own);
    COMMIT(c,
           session_insert(c->db, clinic_system(c), &session, own, STR("127.0.0.1"), STR("cmocka")));
    return session;
}

struct relationship clinic_care(struct clinic *c, const struct id *patient, const struct id *doctor)
{
    struct relationship r;
    struct id id = id_new();
    struct id conversation;
    const struct grant *asks = clinic_grant(c, RIGHT_CARE, patient, NULL);
    const struct grant *accepts = clinic_grant(c, RIGHT_RELATIONSHIP, doctor, &id);

    COMMIT(c, relationship_insert(c->db, asks, &id, patient, doctor, NOON));
    assert_int_equal(relationship_get(c->db, accepts, &c->arena, &id, &r), 0);
    COMMIT(c, relationship_move(c->db, accepts, &r, RELATIONSHIP_ACTIVE, patient, NOON));
    COMMIT(c, conversation_open(c->db, accepts, c->keys, &r, NOON, &conversation));
    assert_int_equal(relationship_get(c->db, accepts, &c->arena, &id, &r), 0);
    assert_true(id_eq(&r.conversation, &conversation));
    return r;
}

void clinic_close(struct clinic *c, const struct relationship *relationship)
{
    const struct grant *g =
        clinic_grant(c, RIGHT_RELATIONSHIP, &relationship->patient.id, &relationship->id);

    COMMIT(c, conversation_close(c->db, g, relationship));
}

struct conversation clinic_conversation(struct clinic *c, const struct id *id)
{
    struct conversation ret;
    const struct grant *g = clinic_grant(c, RIGHT_CONVERSATION_READ, NULL, id);

    assert_int_equal(conversation_get(c->db, g, &c->arena, id, &ret), 0);
    return ret;
}

struct conversation clinic_talk(struct clinic *c, const struct id *id, const char *const *texts,
                                size_t count, int64_t at)
{
    struct conversation conversation = clinic_conversation(c, id);
    const struct grant *g = clinic_grant(c, RIGHT_CONVERSATION_WRITE, NULL, id);
    struct message_draft *drafts = arena_array(&c->arena, count, sizeof *drafts);
    struct data_key key;

    assert_non_null(drafts);
    assert_int_equal(conversation_key(g, c->keys, &conversation, &key), 0);
    for (size_t i = 0; i < count; i++)
        drafts[i] = (struct message_draft){
            .grant = g,
            .conversation = &conversation,
            .key = &key,
            .side = i % 2 == 0 ? SIDE_PATIENT : SIDE_DOCTOR,
            .kind = MESSAGE_TEXT,
            .client_id = id_new(),
            .text = str_from(texts[i]),
            .at = at + (int64_t)i,
        };
    assert_int_equal(db_begin(c->db, DB_WRITE), 0);
    assert_int_equal(message_append(c->db, &c->arena, drafts, count), 0);
    assert_int_equal(conversation_store(c->db, g, &conversation), 0);
    assert_int_equal(db_commit(c->db), 0);
    return conversation;
}

/* ---- grants ---- */

const struct grant *clinic_grant(struct clinic *c, enum right right, const struct id *actor,
                                 const struct id *object)
{
    const struct grant *g = grant_make(&c->arena, right, actor, object);

    assert_non_null(g);
    return g;
}

const struct grant *clinic_system(struct clinic *c)
{
    return clinic_grant(c, RIGHT_SYSTEM, NULL, NULL);
}

/* ---- the file ---- */

static int run(const struct clinic *c, const char *sql, int64_t *ret)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;
    int rc;

    assert_int_equal(sqlite3_open(c->path, &handle), SQLITE_OK);
    (void)sqlite3_busy_timeout(handle, 5000);
    if (ret) {
        assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
        rc = sqlite3_step(statement);
        assert_int_equal(rc, SQLITE_ROW);
        *ret = sqlite3_column_int64(statement, 0);
        (void)sqlite3_finalize(statement);
    } else {
        rc = sqlite3_exec(handle, sql, NULL, NULL, NULL);
    }
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    return rc;
}

void clinic_sql(const struct clinic *c, const char *sql)
{
    assert_int_equal(run(c, sql, NULL), SQLITE_OK);
}

void clinic_sql_refused(const struct clinic *c, const char *sql)
{
    assert_int_equal(run(c, sql, NULL), SQLITE_CONSTRAINT);
}

int64_t clinic_ask(const struct clinic *c, const char *sql)
{
    int64_t v;

    (void)run(c, sql, &v);
    return v;
}

static bool file_has(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "rb");
    bool found = false;

    if (!f)
        return false;
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long size = ftell(f);
    assert_true(size >= 0);
    rewind(f);
    char *all = malloc((size_t)size + 1);
    assert_non_null(all);
    assert_int_equal(fread(all, 1, (size_t)size, f), (size_t)size);
    found = size > 0 && memmem(all, (size_t)size, bytes, n) != NULL;
    free(all);
    (void)fclose(f);
    return found;
}

bool clinic_file_has(const struct clinic *c, const void *bytes, size_t n)
{
    char wal[112];

    (void)snprintf(wal, sizeof wal, "%s-wal", c->path);
    return file_has(c->path, bytes, n) || file_has(wal, bytes, n);
}
