/* admin.c - see admin.h. */
#include "app/admin.h"

#include "app/fields.h"
#include "base/error.h"
#include "base/secret.h"
#include "domain/crm.h"
#include "domain/fold.h"
#include "store/accounts.h"
#include "store/doctors.h"
#include "store/sessions.h"

/* Mon–Fri 08–12 and 14–18 (domain.md, "work plan of a new doctor"). */
static const struct office_interval usual_hours[] = {
    {1, 480, 720},  {1, 840, 1080}, {2, 480, 720},  {2, 840, 1080}, {3, 480, 720},
    {3, 840, 1080}, {4, 480, 720},  {4, 840, 1080}, {5, 480, 720},  {5, 840, 1080},
};

/* A conflict with another account, told by field. */
static int taken(struct call *call, const char *field, const char *detail)
{
    (void)call_invalid(call, field, "taken", detail);
    return -E_ACCOUNT_EXISTS;
}

static int check_specialties(struct call *call, const struct staff_request *in,
                             struct specialty **ret)
{
    struct specialty *list = arena_array(call->arena, in->specialty_count, sizeof *list);
    char digits[REGISTRATION_DIGITS + 1];
    int r = 0;

    if (!list)
        return -E_NO_MEMORY;
    for (size_t i = 0; i < in->specialty_count; i++) {
        struct str field = arena_printf(call->arena, "specialties[%zu].name", i);
        r = first_error(r, field_name(call, field.p, in->specialties[i].name, &list[i].name));
        if (str_trim(in->specialties[i].rqe).n == 0)
            continue;
        field = arena_printf(call->arena, "specialties[%zu].rqe", i);
        if (rqe_parse(in->specialties[i].rqe, digits) < 0)
            r = first_error(r, call_invalid(call, field.p, "invalid", "An RQE is 1 to 10 digits."));
        else
            list[i].rqe = arena_str(call->arena, str_from(digits));
    }
    *ret = list;
    return r;
}

static int add_doctor(struct call *call, const struct staff_request *in, const struct id *id)
{
    struct crm crm;
    char uf[3];
    struct new_doctor doctor = {
        .id = *id,
        .timezone = call->app->config.timezone,
        .specialty_count = in->specialty_count,
        .hours = usual_hours,
        .hour_count = sizeof usual_hours / sizeof *usual_hours,
    };
    struct specialty *specialties = NULL;
    int r = 0;

    if (!in->crm.p || !in->uf.p)
        r = call_invalid(call, in->crm.p ? "uf" : "crm", "required",
                         "A doctor has a registration: number and state.");
    else if (uf_parse(in->uf, uf) < 0)
        r = call_invalid(call, "uf", "invalid", "This is not one of the 27 states.");
    else if (crm_parse(in->uf, in->crm, &crm) < 0)
        r = call_invalid(call, "crm", "invalid", "A registration is 1 to 10 digits.");
    r = first_error(r, check_specialties(call, in, &specialties));
    if (r < 0)
        return r;
    doctor.crm = str_from(crm.number);
    doctor.uf = str_from(crm.uf);
    doctor.specialties = specialties;
    r = doctor_insert(call->db, call->grant, call->arena, &doctor);
    return r == -E_DUPLICATE ? taken(call, "crm", "This registration belongs to another account.")
                             : r;
}

int admin_add(struct call *call, const struct staff_request *in, struct account *ret)
{
    struct new_account account = {
        .id = id_new(), .role = in->role, .password_hash = in->password_hash};

    int r = field_name(call, "name", in->name, &account.name);
    r = first_error(
        r, field_optional_name(call, "social_name", in->social_name, &account.social_name));
    r = first_error(r, field_email(call, "email", in->email, &account.email_norm, &account.email));
    r = first_error(r, field_phone(call, "phone", in->phone, &account.phone));
    r = first_error(r, field_locale(call, "locale", in->locale, &account.locale));
    if (in->birth_date.p)
        r = first_error(r,
                        field_birth_date(call, "birth_date", in->birth_date, &account.birth_date));
    if (in->role != ROLE_DOCTOR && (in->crm.p || in->uf.p || in->specialty_count > 0))
        r = first_error(r, call_invalid(call, "crm", "unknown", "Only doctors have one."));
    if (r < 0)
        return r;
    r = account_insert(call->db, call->grant, call->app->keys, &account, call->now_us);
    if (r == -E_DUPLICATE)
        return taken(call, "email", "There is an account with this address.");
    if (r == 0 && in->role == ROLE_DOCTOR)
        r = add_doctor(call, in, &account.id);
    if (r == 0)
        r = call_audit(call, "account", &account.id, str_from(role_names[in->role - 1]));
    return r < 0 ? r : admin_get(call, &account.id, ret);
}

int admin_make_link(struct call *call, const struct id *user, struct password_link *ret)
{
    uint8_t hash[TOKEN_HASH];
    char token[TOKEN_TEXT + 1];
    struct account account;

    int r = admin_get(call, user, &account);
    if (r < 0)
        return r;
    ret->expires_at = call->now_us + call->app->config.link_us;
    token_new(token, hash);
    ret->url = arena_printf(call->arena, "%.*s/set-password#%s",
                            STR_FMT(call->app->config.public_url), token);
    secret_wipe(token, sizeof token);
    if (!ret->url.p)
        return -E_NO_MEMORY;
    r = link_insert(call->db, call->grant, hash, user, LINK_SET_PASSWORD, call->now_us,
                    ret->expires_at);
    return r < 0 ? r : call_audit(call, "account", user, STR("link"));
}

int admin_get(struct call *call, const struct id *user, struct account *ret)
{
    return account_get(call->db, call->grant, call->app->keys, call->arena, user, call->now_us,
                       ret);
}

int admin_set_state(struct call *call, const struct id *user, enum account_state state,
                    struct account *ret)
{
    if (call->session && id_eq(user, &call->session->user))
        return -E_BAD_STATE; /* nobody locks themselves out */
    int r = account_set_state(call->db, call->grant, user, state, call->now_us);
    if (r == 0 && state == ACCOUNT_DISABLED)
        r = revocation_add(call->db, call->grant, REVOKED_ACCOUNT, user, &ID_NONE, call->now_us);
    if (r == 0 && state == ACCOUNT_DISABLED)
        r = session_end_all(call->db, call->grant, user, &ID_NONE, call->now_us);
    if (r == 0)
        r = call_audit(call, "account", user, str_from(account_state_names[state - 1]));
    if (r == 0)
        r = call_revocations_changed(call);
    return r < 0 ? r : admin_get(call, user, ret);
}

int admin_set_verified(struct call *call, const struct id *doctor, bool verified,
                       struct account *ret)
{
    struct id by = verified ? grant_actor(call->grant) : ID_NONE;

    /* the command line has no account to name: the doctor's own id stands for "the operator" */
    if (verified && id_is_none(&by))
        by = *doctor;
    int r = doctor_set_verified(call->db, call->grant, doctor, &by, call->now_us);
    if (r == 0)
        r = revocation_add(call->db, call->grant, REVOKED_RIGHTS, doctor, &ID_NONE, call->now_us);
    if (r == 0)
        r = call_audit(call, "account", doctor, verified ? STR("verified") : STR("unverified"));
    if (r == 0)
        r = call_revocations_changed(call);
    return r < 0 ? r : admin_get(call, doctor, ret);
}

int admin_list(struct call *call, const struct account_search *in, struct account **ret,
               size_t *ret_count, struct name_cursor *ret_next)
{
    struct account_filter filter = {
        .role = in->role,
        .state = in->state,
        .verified = in->verified,
        .after_name = in->after.name,
        .after_id = in->after.id,
        .limit = in->limit + 1,
    };
    struct str text = str_trim(in->text);
    struct account_key *keys = NULL;
    size_t count = 0;

    *ret_next = (struct name_cursor){0};
    int r = text.n > 0 ? text_fold(text, call->arena, &filter.text) : 0;
    if (r == 0)
        r = account_list(call->db, call->grant, call->arena, &filter, &keys, &count);
    if (r < 0)
        return r;
    if (count > (size_t)in->limit) {
        count--;
        *ret_next = (struct name_cursor){keys[count - 1].name_folded, keys[count - 1].id};
    }
    *ret = arena_array(call->arena, count, sizeof **ret);
    *ret_count = count;
    if (!*ret)
        return -E_NO_MEMORY;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = admin_get(call, &keys[i].id, &(*ret)[i]);
    return r;
}

int admin_audit(struct call *call, const struct audit_search *in, struct audit_row **ret,
                size_t *ret_count, bool *ret_more)
{
    const struct audit_filter filter = {
        .actor = in->actor,
        .object = in->object,
        .action = in->action,
        .from_at = in->from_at,
        .to_at = in->to_at ? in->to_at : INT64_MAX,
        .before_at = in->before_at ? in->before_at : INT64_MAX,
        .before_seq = in->before_at ? in->before_seq : INT64_MAX,
        .limit = in->limit + 1,
    };

    int r = audit_list(call->db, call->grant, call->arena, &filter, ret, ret_count);
    if (r < 0)
        return r;
    *ret_more = *ret_count > (size_t)in->limit;
    if (*ret_more)
        (*ret_count)--;
    return 0;
}
