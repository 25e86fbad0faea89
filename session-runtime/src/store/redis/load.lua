local record = read()
if not record or not is_live(record) then
    return false
end
local fields = {}
for position = 1, number() do
    local name, with_value = arg(), arg() == '1'
    local field = read_field(name)
    if not field or not field.present then
        fields[position] = false
    elseif with_value then
        fields[position] = field.stored
    else
        -- Two: there is a value, which was not asked for.
        fields[position] = string.sub(field.stored, 1, HEAD - 1) .. '\2'
    end
end
return { text(now), meta(record), fields }
