-- A letter for each field that is selected: `v` where its value is wanted. Then their names in the hash.
local stored = redis.call('HMGET', key, 's', 't', 'p', unpack(ARGV, 3))
local secret, times = stored[1], stored[2]
if not secret or not times then
    return false
end
local idle, absolute = struct.unpack('>I8I8', times, 9)
if now >= idle or now >= absolute then
    return false
end
-- One text, for each part of an answer costs: what the caller is told of the record, and each selected field after a byte that
-- says what follows. Large values are parts of their own, so that they are not copied once more.
local record = struct.pack('>I8', now) .. secret .. times .. (stored[3] or '')
local texts, answer = { string.char(#record), record }, { '' }
for position = 1, #ARGV - 2 do
    local field = stored[position + 3]
    local expires, has_value = 0, 0
    if field then
        expires, has_value = struct.unpack('>I8B', field, 9)
    end
    local text
    if has_value == 0 or expires ~= 0 and now >= expires then
        text = '\0'
    elseif string.byte(ARGV[2], position) ~= 118 then
        -- There is a value, which was not asked for.
        text = '\2' .. string.sub(field, 1, 16)
    elseif has_value == 3 then
        text = '\3'
        answer[#answer + 1] = redis.call('HGET', key, 'v:' .. string.sub(ARGV[position + 2], 3))
    else
        text = struct.pack('>BI4', 1, #field) .. field
    end
    texts[position + 2] = text
end
answer[1] = table.concat(texts)
return answer
