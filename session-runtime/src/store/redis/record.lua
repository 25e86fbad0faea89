-- What all scripts on a session share: it stands before each of them. The server runs all of a script at each call, each
-- function that it defines too: so there is little of that, and what is not needed is not taken apart.
--
-- A session is a hash. Its field `s` has the secret's hash, since when it is the secret, and the epoch; `t` when it was created,
-- its idle and its absolute deadline, when its visitor signed in (0: never), and whether it is persistent; `p` the secret before,
-- if there was one: whether it was renewed or superseded, its hash, and until when it is known (0: no end); `x` the index entries;
-- `f:` with a key a field of the session: its revision, its expiry (0: none), whether it has a value (1), and the value; a large
-- one has only these (3), and all of it is in `v:` with the key, so that it is read only where its value is wanted. `o:` with the
-- key has the revisions that were overwritten in it. One that was destroyed has nothing but `e`, until when its ID is taken. Times are
-- microseconds since 1970, which Lua's numbers hold exactly.
local key, now = KEYS[1], tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end
