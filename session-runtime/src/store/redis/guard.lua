local RENEWED, SUPERSEDED = 1, 2

-- The end of time, as far as it can be written here.
local FOREVER = 9007199254740991

local function later(by)
    return math.min(now + by, FOREVER)
end

local function text(time)
    return string.format('%.0f', time)
end

local function is_live(times)
    local idle, absolute = struct.unpack('>I8I8', times, 9)
    return now < idle and now < absolute
end

-- What a guard admits, where these are the secret and the one before: a secret's hash, an epoch, or anything.
local function admits(secret, previous, basis, proof)
    if basis == 'any' then
        return 'open'
    elseif basis == 'epoch' then
        return proof == string.sub(secret, 41) and 'open' or 'superseded'
    elseif proof == string.sub(secret, 1, 32) then
        return 'open'
    elseif not previous or proof ~= string.sub(previous, 2, 33) then
        return 'gone'
    end
    local known_until = struct.unpack('>I8', previous, 34)
    local recognised = known_until == 0 or now < known_until
    if string.byte(previous) == RENEWED then
        return recognised and 'open' or 'reused'
    end
    return recognised and 'superseded' or 'gone'
end

-- Index entries as a list of names and values.
local function flat(entries)
    local list = {}
    for name, value in pairs(entries) do
        list[#list + 1] = name
        list[#list + 1] = value
    end
    return list
end
