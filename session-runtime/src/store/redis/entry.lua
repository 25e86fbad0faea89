-- From here on a score is no deadline, but the second in which an entry was made whose commit is not known to be applied.
local UNSETTLED = 9000000000000000

-- How long such an entry is left alone, in seconds: no commit takes that long.
local LEFT_ALONE = 3600

local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end

