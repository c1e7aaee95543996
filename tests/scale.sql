-- Rows as the service writes them, so that their size and their query plans can be looked at: psql -v drafts=1000000.
-- Each draft: a document of 2 KB compressed, 3 versions (-v versions=10) each with a blob of its own, 4 media files with
-- 2 blobs of its own.
\set ON_ERROR_STOP on
\if :{?versions}
\else
\set versions 3
\endif
SET session_replication_role = replica; -- foreign keys hold by construction
SET synchronous_commit = off;
\timing on
INSERT INTO drafts_draft (id, name, width, height, fps, duration, revision, head_id, created_at, updated_at)
SELECT to_char(timestamp '2024-01-01' + n * interval '20 s', 'YYYYMMDDHH24MISS') || substr(md5(n::text), 1, 18),
       'Clip of the day ' || n, 1920, 1080, 30, 60000000, 2 * :versions + 1, :versions * n,
       timestamptz '2024-01-01+0' + n * interval '20 s',
       timestamptz '2024-01-01+0' + n * interval '20 s' + (random() * 86400) * interval '1 s'
FROM generate_series(1, :drafts) n;

INSERT INTO drafts_draftcontent (draft_id, sha256, size, data)
SELECT id, encode(sha256(id::bytea), 'hex'), 9000,
       (SELECT decode(string_agg(md5(id || k), ''), 'hex') FROM generate_series(1, 125) k)
FROM drafts_draft;

INSERT INTO drafts_core_blob (key, sha256, size, state, created_at, touched_at, stored_at, tries, next_try_at, error)
SELECT 'blobs/' || substr(hash, 1, 2) || '/' || hash || '.' || substr(md5(n::text), 1, 12), hash,
       CASE WHEN n % (:versions + 2) < :versions THEN 9000 ELSE 4000000 END, 'stored', at, at, at, 1, at, ''
FROM (SELECT n, encode(sha256(n::text::bytea), 'hex') AS hash, timestamptz '2024-01-01+0' + n * interval '4 s' AS at
      FROM generate_series(1, (:versions + 2) * :drafts) n OFFSET 0) made;

INSERT INTO drafts_draftversion (number, revision, origin, width, height, fps, duration, file_count, author, note,
                                 address, user_agent, request_id, created_at, content_id, draft_id)
SELECT number, 2 * number + 1, 'save', 1920, 1080, 30, 60000000, 4, '', '', '203.0.113.7',
       'python-requests/2.34.2', md5(draft.id || number), draft.created_at + number * interval '1 s',
       (:versions + 2) * (draft.head_id / :versions) - number + 1, draft.id
FROM (SELECT id, head_id, created_at FROM drafts_draft ORDER BY head_id) draft, generate_series(1, :versions) number;

INSERT INTO drafts_draftfile (path, kind, added_in, removed_in, created_at, blob_id, draft_id)
SELECT 'assets/videos/' || substr(md5(draft.id || k), 1, 12) || '.mp4', 'video', 1, NULL, draft.created_at,
       (:versions + 2) * (draft.head_id / :versions) - :versions - k % 2, draft.id
FROM (SELECT id, head_id, created_at FROM drafts_draft ORDER BY head_id) draft, generate_series(1, 4) k;
VACUUM ANALYZE;
