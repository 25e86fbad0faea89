-- How long nobody else can have the ID of a session that was destroyed.
local STAYS_TAKEN = 60000000

local stored = redis.call('HMGET', key, 's', 't', 'p', 'x')
local secret, times, previous, entries = stored[1], stored[2], stored[3], stored[4]
if not secret or not times or not is_live(times) then
    return { 'gone' }
end
local admitted = admits(secret, previous, ARGV[2], ARGV[3])
if admitted ~= 'open' then
    return { admitted }
end
redis.call('DEL', key)
-- Its ID stays taken for a while: a creation that was given up may arrive after this.
redis.call('HSET', key, 'e', text(later(STAYS_TAKEN)))
redis.call('PEXPIRE', key, text(STAYS_TAKEN / 1000))
return { 'destroyed', entries and flat(cmsgpack.unpack(entries)) or {} }
