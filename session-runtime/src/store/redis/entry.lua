-- From here on a score is no deadline, but the second in which an entry was made whose commit is not known to be applied.
local UNSETTLED = 9000000000000000

-- How long such an entry is left alone, in seconds: no commit takes that long.
local LEFT_ALONE = 3600

local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end

-- Whether the commit of an entry with this score, if it has any, is over without anybody knowing how it ended.
local function is_old(score)
    return score and now / 1000000 - (tonumber(score) - UNSETTLED) > LEFT_ALONE and tonumber(score) >= UNSETTLED
end

