-- The sessions that live, and what is known of the commit that has entered each.
local found = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf', 'WITHSCORES')
for at = 2, #found, 2 do
    found[at] = tonumber(found[at]) < UNSETTLED and 'settled' or is_old(found[at]) and 'old' or 'new'
end
return found
