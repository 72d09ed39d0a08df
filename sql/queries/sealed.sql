-- The wrapped keys of records, for checking that a key ring is the right one. No content.

-- name: sealed_conversations :many
-- column: id uuid
-- column: wrapped_key blob
SELECT id, wrapped_key FROM conversations ORDER BY no;

-- name: sealed_users :many
-- column: id uuid
-- column: wrapped_key blob
SELECT id, cpf_key AS wrapped_key FROM users WHERE cpf_key IS NOT NULL;
