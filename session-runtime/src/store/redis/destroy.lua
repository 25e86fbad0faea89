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
return { 'destroyed', entries }
