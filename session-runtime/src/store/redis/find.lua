-- The sessions that live, and what is known of the commit that has entered each.
local found = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf', 'WITHSCORES')
for at = 2, #found, 2 do
    local since = tonumber(found[at]) - UNSETTLED
    found[at] = since < 0 and 'settled' or now / 1000000 - since > LEFT_ALONE and 'old' or 'new'
end
return found
