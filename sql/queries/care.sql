-- Care relationships and their conversations.

-- name: relationship_insert :exec
-- param: id uuid
-- param: patient_id uuid
-- param: doctor_id uuid
-- param: state int
-- param: requested_by uuid
-- param: now int
INSERT INTO relationships (id, patient_id, doctor_id, state, requested_by, created_at, updated_at,
                           version)
VALUES (:id, :patient_id, :doctor_id, :state, :requested_by, :now, :now, 1);

-- name: relationship_by_id :one
-- param: id uuid
-- column: id uuid
-- column: patient_id uuid
-- column: doctor_id uuid
-- column: state int
-- column: requested_by uuid
-- column: created_at int
-- column: updated_at int
-- column: version int
-- column: patient_name text
-- column: patient_social_name text?
-- column: doctor_name text
-- column: doctor_social_name text?
-- column: crm_uf text
-- column: crm_number text
-- column: conversation_id uuid?
SELECT r.id, r.patient_id, r.doctor_id, r.state, r.requested_by, r.created_at, r.updated_at,
       r.version, p.name AS patient_name, p.social_name AS patient_social_name,
       u.name AS doctor_name, u.social_name AS doctor_social_name, d.crm_uf, d.crm_number,
       c.id AS conversation_id
  FROM relationships r
  JOIN users p ON p.id = r.patient_id
  JOIN users u ON u.id = r.doctor_id
  JOIN doctors d ON d.user_id = r.doctor_id
  LEFT JOIN conversations c ON c.relationship_id = r.id
 WHERE r.id = :id;

-- name: relationship_of_pair :one
-- param: patient_id uuid
-- param: doctor_id uuid
-- column: id uuid
SELECT id FROM relationships WHERE patient_id = :patient_id AND doctor_id = :doctor_id;

-- name: relationship_list :many
-- Those of one person, newest change first (keyset on the change and the id).
-- param: user_id uuid
-- param: before_at int
-- param: before_id uuid
-- param: row_limit int
-- column: id uuid
-- column: updated_at int
SELECT id, updated_at FROM relationships
 WHERE (patient_id = :user_id OR doctor_id = :user_id)
   AND (updated_at < :before_at OR (updated_at = :before_at AND id < :before_id))
 ORDER BY updated_at DESC, id DESC LIMIT :row_limit;

-- name: relationship_move :exec
-- Compare-and-swap on the version.
-- param: id uuid
-- param: state int
-- param: requested_by uuid
-- param: version int
-- param: now int
UPDATE relationships SET state = :state, requested_by = :requested_by, updated_at = :now,
       version = version + 1
 WHERE id = :id AND version = :version;

-- name: relationship_history_insert :exec
-- param: relationship_id uuid
-- param: version int
-- param: state int
-- param: actor_id uuid
-- param: now int
INSERT INTO relationship_history (relationship_id, version, state, actor_id, at)
VALUES (:relationship_id, :version, :state, :actor_id, :now);

-- name: conversation_insert :exec
-- param: id uuid
-- param: relationship_id uuid
-- param: patient_id uuid
-- param: doctor_id uuid
-- param: wrapped_key blob
-- param: now int
INSERT INTO conversations (id, relationship_id, patient_id, doctor_id, state, wrapped_key,
                           last_seq, last_at, patient_delivered, patient_read, doctor_delivered,
                           doctor_read, created_at)
VALUES (:id, :relationship_id, :patient_id, :doctor_id, 1, :wrapped_key, 0, :now, 0, 0, 0, 0, :now);

-- name: conversation_by_id :one
-- All that deciding, reading and writing need, in one look-up.
-- param: id uuid
-- column: no int
-- column: id uuid
-- column: relationship_id uuid
-- column: patient_id uuid
-- column: doctor_id uuid
-- column: state int
-- column: wrapped_key blob
-- column: last_seq int
-- column: last_at int
-- column: patient_delivered int
-- column: patient_read int
-- column: doctor_delivered int
-- column: doctor_read int
-- column: doctor_verified_at int?
SELECT c.no, c.id, c.relationship_id, c.patient_id, c.doctor_id, c.state, c.wrapped_key,
       c.last_seq, c.last_at, c.patient_delivered, c.patient_read, c.doctor_delivered,
       c.doctor_read, d.verified_at AS doctor_verified_at
  FROM conversations c JOIN doctors d ON d.user_id = c.doctor_id WHERE c.id = :id;

-- name: conversation_of_relationship :one
-- param: relationship_id uuid
-- column: id uuid
SELECT id FROM conversations WHERE relationship_id = :relationship_id;

-- name: conversation_list :many
-- Those of one person, latest activity first.
-- param: user_id uuid
-- param: before_at int
-- param: before_id uuid
-- param: row_limit int
-- column: id uuid
-- column: last_at int
SELECT id, last_at FROM conversations
 WHERE (patient_id = :user_id OR doctor_id = :user_id)
   AND (last_at < :before_at OR (last_at = :before_at AND id < :before_id))
 ORDER BY last_at DESC, id DESC LIMIT :row_limit;

-- name: conversation_set_state :exec
-- param: id uuid
-- param: state int
UPDATE conversations SET state = :state WHERE id = :id;

-- name: conversation_store :exec
-- The moving part of a conversation, after a batch: the caller holds the write transaction.
-- param: no int
-- param: last_seq int
-- param: last_at int
-- param: patient_delivered int
-- param: patient_read int
-- param: doctor_delivered int
-- param: doctor_read int
UPDATE conversations SET last_seq = :last_seq, last_at = :last_at,
       patient_delivered = :patient_delivered, patient_read = :patient_read,
       doctor_delivered = :doctor_delivered, doctor_read = :doctor_read
 WHERE no = :no;

-- name: care_doctors_of :many
-- Verified doctors who are in an active relationship with a patient: who may see the presence.
-- param: patient_id uuid
-- column: doctor_id uuid
SELECT r.doctor_id FROM relationships r JOIN doctors d ON d.user_id = r.doctor_id
 WHERE r.patient_id = :patient_id AND r.state = 2 AND d.verified_at IS NOT NULL;

-- name: care_patients_of :many
-- param: doctor_id uuid
-- column: patient_id uuid
SELECT patient_id FROM relationships WHERE doctor_id = :doctor_id AND state = 2;
