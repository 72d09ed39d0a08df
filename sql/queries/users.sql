-- Accounts: one row per person, whatever the role.

-- name: user_insert :exec
-- param: id uuid
-- param: role int
-- param: state int
-- param: name text
-- param: social_name text?
-- param: name_folded text
-- param: email text
-- param: email_norm text
-- param: phone text?
-- param: locale text
-- param: birth_date text?
-- param: password_hash text?
-- param: cpf_key blob?
-- param: cpf_sealed blob?
-- param: cpf_index blob?
-- param: terms_version text?
-- param: terms_at int?
-- param: now int
INSERT INTO users (id, role, state, name, social_name, name_folded, email, email_norm, phone,
                   locale, birth_date, password_hash, cpf_key, cpf_sealed, cpf_index,
                   terms_version, terms_at, created_at, updated_at, version)
VALUES (:id, :role, :state, :name, :social_name, :name_folded, :email, :email_norm, :phone,
        :locale, :birth_date, :password_hash, :cpf_key, :cpf_sealed, :cpf_index,
        :terms_version, :terms_at, :now, :now, 1);

-- name: user_by_id :one
-- param: id uuid
-- column: id uuid
-- column: role int
-- column: state int
-- column: name text
-- column: social_name text?
-- column: email text
-- column: phone text?
-- column: locale text
-- column: birth_date text?
-- column: cpf_key blob?
-- column: cpf_sealed blob?
-- column: terms_version text?
-- column: created_at int
-- column: version int
SELECT id, role, state, name, social_name, email, phone, locale, birth_date, cpf_key, cpf_sealed,
       terms_version, created_at, version
  FROM users WHERE id = :id;

-- name: user_credentials :one
-- What signing in needs to know.
-- param: email_norm text
-- column: id uuid
-- column: role int
-- column: state int
-- column: password_hash text?
-- column: name text
-- column: email_norm text
SELECT id, role, state, password_hash, name, email_norm FROM users WHERE email_norm = :email_norm;

-- name: user_credentials_by_id :one
-- param: id uuid
-- column: id uuid
-- column: role int
-- column: state int
-- column: password_hash text?
-- column: name text
-- column: email_norm text
SELECT id, role, state, password_hash, name, email_norm FROM users WHERE id = :id;

-- name: user_list :many
-- Accounts by name for the administrator; NULL filters are off.
-- param: role int?
-- param: state int?
-- param: verified int?
-- param: pattern text?
-- param: after_name text
-- param: after_id uuid
-- param: row_limit int
-- column: id uuid
-- column: name_folded text
SELECT u.id, u.name_folded
  FROM users u LEFT JOIN doctors d ON d.user_id = u.id
 WHERE (:role IS NULL OR u.role = :role)
   AND (:state IS NULL OR u.state = :state)
   AND (:verified IS NULL
        OR (u.role = 2 AND :verified = CASE WHEN d.verified_at IS NULL THEN 0 ELSE 1 END))
   AND (:pattern IS NULL OR u.name_folded LIKE :pattern ESCAPE '!'
        OR u.email_norm LIKE :pattern ESCAPE '!')
   AND (u.name_folded > :after_name OR (u.name_folded = :after_name AND u.id > :after_id))
 ORDER BY u.name_folded, u.id LIMIT :row_limit;

-- name: user_update_profile :exec
-- Compare-and-swap on the version.
-- param: id uuid
-- param: name text
-- param: social_name text?
-- param: name_folded text
-- param: phone text?
-- param: locale text
-- param: version int
-- param: now int
UPDATE users SET name = :name, social_name = :social_name, name_folded = :name_folded,
       phone = :phone, locale = :locale, updated_at = :now, version = version + 1
 WHERE id = :id AND version = :version;

-- name: user_set_password :exec
-- param: id uuid
-- param: password_hash text
-- param: now int
UPDATE users SET password_hash = :password_hash, updated_at = :now, version = version + 1
 WHERE id = :id;

-- name: user_set_state :exec
-- param: id uuid
-- param: state int
-- param: now int
UPDATE users SET state = :state, updated_at = :now, version = version + 1 WHERE id = :id;

-- name: user_count_by_role :one
-- param: role int
-- column: n int
SELECT count(*) AS n FROM users WHERE role = :role;
