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
-- What the caller is told of the record, after the time: it takes the text apart.
local answer = { struct.pack('>I8', now) .. secret .. times .. (stored[3] or '') }
for position = 1, #ARGV - 2 do
    local field = stored[position + 3]
    if field then
        local expires, has_value = struct.unpack('>I8B', field, 9)
        if has_value == 0 or expires ~= 0 and now >= expires then
            field = false
        elseif string.byte(ARGV[2], position) ~= 118 then
            -- Two: there is a value, which was not asked for.
            field = string.sub(field, 1, 16) .. '\2'
        elseif has_value == 3 then
            field = redis.call('HGET', key, 'v:' .. string.sub(ARGV[position + 2], 3))
        end
    end
    answer[position + 1] = field
end
return answer
