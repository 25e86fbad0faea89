local basis, proof = arg(), arg()
local record = read()
if not record or not is_live(record) then
    return { 'gone' }
end
local admitted = admits(record, basis, proof)
if admitted ~= 'open' then
    return { admitted }
end
local entries = flat(index_entries())
redis.call('DEL', key)
-- Its ID stays taken for a while: a creation that was given up may arrive after this.
redis.call('HSET', key, 'e', text(later(STAYS_TAKEN)))
redis.call('PEXPIRE', key, text(STAYS_TAKEN / 1000))
return { 'destroyed', entries }
