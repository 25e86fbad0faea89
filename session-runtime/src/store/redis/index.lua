-- One value of one index: a sorted set of the sessions that have it, each with the write that has entered it, by the end of
-- their lives; by the second in which they were entered, later than any end, until their commit is known to be applied.
-- What is done: `enter`, `keep`, `leave`, or `tidy`.
local what, session, deadline = ARGV[2], ARGV[3], ARGV[4]
if what ~= 'enter' then
    -- A server without memory refuses a script's first write, or none of them, and this one it never refuses.
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
end
local is_new = 0
if what == 'enter' then
    local since = string.format('%.0f', UNSETTLED + math.floor(now / 1000000))
    is_new = redis.call('ZADD', KEYS[1], 'NX', since, session)
    if is_new == 0 and tonumber(redis.call('ZSCORE', KEYS[1], session)) >= UNSETTLED then
        -- Its commit was asked before, and is under way again.
        redis.call('ZADD', KEYS[1], 'XX', since, session)
    end
elseif what == 'keep' then
    local known = tonumber(redis.call('ZSCORE', KEYS[1], session) or deadline)
    -- Of two commits the one that knows of the later end may come first.
    if known >= UNSETTLED or known < tonumber(deadline) then
        redis.call('ZADD', KEYS[1], 'XX', deadline, session)
    end
    if ARGV[5] then
        -- The one that it has replaced.
        redis.call('ZREM', KEYS[1], ARGV[5])
    end
elseif what == 'leave' or is_old(redis.call('ZSCORE', KEYS[1], session)) then
    redis.call('ZREM', KEYS[1], session)
end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if last then
    redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((tonumber(last) - now) / 1000) + 60000))
end
-- Whether it was not there before.
return is_new
