-- Doctors: what is public about them, their hours, and the clinic's verification.

-- name: doctor_insert :exec
-- param: user_id uuid
-- param: crm_uf text
-- param: crm_number text
-- param: timezone text
INSERT INTO doctors (user_id, crm_uf, crm_number, timezone, usual_reply_minutes, about)
VALUES (:user_id, :crm_uf, :crm_number, :timezone, NULL, '');

-- name: doctor_by_id :one
-- param: user_id uuid
-- column: user_id uuid
-- column: name text
-- column: social_name text?
-- column: state int
-- column: crm_uf text
-- column: crm_number text
-- column: verified_at int?
-- column: timezone text
-- column: usual_reply_minutes int?
-- column: about text
SELECT d.user_id, u.name, u.social_name, u.state, d.crm_uf, d.crm_number, d.verified_at,
       d.timezone, d.usual_reply_minutes, d.about
  FROM doctors d JOIN users u ON u.id = d.user_id WHERE d.user_id = :user_id;

-- name: doctor_list :many
-- Verified, active doctors by name; NULL filters are off. Only a specialty with an RQE counts.
-- param: pattern text?
-- param: specialty text?
-- param: after_name text
-- param: after_id uuid
-- param: row_limit int
-- column: user_id uuid
-- column: name_folded text
SELECT d.user_id, u.name_folded
  FROM doctors d JOIN users u ON u.id = d.user_id
 WHERE d.verified_at IS NOT NULL AND u.state = 1
   AND (:pattern IS NULL OR u.name_folded LIKE :pattern ESCAPE '!')
   AND (:specialty IS NULL OR EXISTS (
        SELECT 1 FROM doctor_specialties s WHERE s.doctor_id = d.user_id AND s.rqe IS NOT NULL
           AND s.name_folded LIKE :specialty ESCAPE '!'))
   AND (u.name_folded > :after_name OR (u.name_folded = :after_name AND d.user_id > :after_id))
 ORDER BY u.name_folded, d.user_id LIMIT :row_limit;

-- name: doctor_set_verified :exec
-- param: user_id uuid
-- param: verified_at int?
-- param: verified_by uuid?
UPDATE doctors SET verified_at = :verified_at, verified_by = :verified_by WHERE user_id = :user_id;

-- name: doctor_set_practice :exec
-- param: user_id uuid
-- param: timezone text
-- param: usual_reply_minutes int?
-- param: about text
UPDATE doctors SET timezone = :timezone, usual_reply_minutes = :usual_reply_minutes, about = :about
 WHERE user_id = :user_id;

-- name: specialty_insert :exec
-- param: doctor_id uuid
-- param: position int
-- param: name text
-- param: name_folded text
-- param: rqe text?
INSERT INTO doctor_specialties (doctor_id, position, name, name_folded, rqe)
VALUES (:doctor_id, :position, :name, :name_folded, :rqe);

-- name: specialty_list :many
-- param: doctor_id uuid
-- column: name text
-- column: rqe text?
SELECT name, rqe FROM doctor_specialties WHERE doctor_id = :doctor_id ORDER BY position;

-- name: hours_insert :exec
-- param: doctor_id uuid
-- param: weekday int
-- param: start_min int
-- param: end_min int
INSERT INTO office_hours (doctor_id, weekday, start_min, end_min)
VALUES (:doctor_id, :weekday, :start_min, :end_min);

-- name: hours_clear :exec
-- param: doctor_id uuid
DELETE FROM office_hours WHERE doctor_id = :doctor_id;

-- name: hours_list :many
-- param: doctor_id uuid
-- column: weekday int
-- column: start_min int
-- column: end_min int
SELECT weekday, start_min, end_min FROM office_hours
 WHERE doctor_id = :doctor_id ORDER BY weekday, start_min;
