-- The record as the same statement left it.
RETURNING (SELECT record FROM {session_texts} WHERE id = ?1) AS record
