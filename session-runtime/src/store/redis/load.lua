local record = read()
if not record or not is_live(record) then
    return false
end
local fields = {}
for position = 1, #ARGV - at do
    -- The name, after 1 where the value is wanted and 0 where not.
    local wanted = arg()
    local field, with_value = read_field(string.sub(wanted, 2)), string.byte(wanted) == 49
    if not field or not field.present then
        fields[position] = false
    elseif with_value then
        fields[position] = field.stored
    else
        -- Two: there is a value, which was not asked for.
        fields[position] = string.sub(field.stored, 1, HEAD - 1) .. '\2'
    end
end
return { meta(record), fields }
