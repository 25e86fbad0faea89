-- What all scripts share: it stands before each of them.
--
-- A session is a hash. Its field `s` has the secret's hash, since when it is the secret, and the epoch; `t` the times, and
-- whether the session is persistent; `p` the secret before, if there was one; `x` the index entries; `f:` with a key a field of
-- the session, `o:` with it the revisions that were overwritten in it. One that was destroyed has nothing but `e`, until when its
-- ID is taken. Times are microseconds since 1970, which Lua's numbers hold exactly.
local key = KEYS[1]
local at = 0

local function arg()
    at = at + 1
    return ARGV[at]
end

-- A number, or nil where there is none.
local function number()
    return tonumber(arg())
end

local function clock()
    local time = redis.call('TIME')
    return time[1] * 1000000 + time[2]
end

local now = number() or clock()

-- The end of time, as far as it can be written here.
local FOREVER = 9007199254740991

-- How long nobody else can have the ID of a session that was destroyed.
local STAYS_TAKEN = 60000000

local function later(by)
    return math.min(now + by, FOREVER)
end

local function text(time)
    return string.format('%.0f', time)
end

-- The record, or nil where there is none.
local function read()
    local stored = redis.call('HMGET', key, 's', 't', 'p')
    if not stored[1] or not stored[2] then
        return nil
    end
    local record = {}
    record.hash, record.since, record.epoch = struct.unpack('>c32I8c8', stored[1])
    record.created, record.idle, record.absolute, record.authenticated, record.persistent =
        struct.unpack('>I8I8I8I8B', stored[2])
    if stored[3] then
        record.kind, record.previous, record.until_ = struct.unpack('>Bc32I8', stored[3])
    end
    return record
end

local RENEWED, SUPERSEDED = 1, 2

local function is_live(record)
    return now < math.min(record.idle, record.absolute)
end

-- What a secret may do with the record.
local function access(record, hash)
    if hash == record.hash then
        return 'open'
    end
    if hash ~= record.previous then
        return 'gone'
    end
    local recognised = record.until_ == 0 or now < record.until_
    if record.kind == RENEWED then
        return recognised and 'open' or 'reused'
    end
    return recognised and 'superseded' or 'gone'
end

-- What a guard admits: a secret's hash, an epoch, or anything.
local function admits(record, basis, proof)
    if basis == 'secret' then
        return access(record, proof)
    elseif basis == 'epoch' then
        return proof == record.epoch and 'open' or 'superseded'
    end
    return 'open'
end

local function secret_text(record)
    return struct.pack('>c0I8c0', record.hash, record.since, record.epoch)
end

local function times_text(record)
    return struct.pack('>I8I8I8I8B', record.created, record.idle, record.absolute, record.authenticated, record.persistent)
end

local function previous_text(record)
    return record.previous and struct.pack('>Bc0I8', record.kind, record.previous, record.until_) or ''
end

-- What the caller is told of the record, and the time: it takes the text apart.
local function meta(record)
    return struct.pack('>I8', now) .. secret_text(record) .. times_text(record) .. previous_text(record)
end

-- A stored field: its revision, its expiry (0: none), whether it has a value, and the value.
local function read_field(name)
    local stored = redis.call('HGET', key, 'f:' .. name)
    if not stored then
        return nil
    end
    local revision, expires, has_value = struct.unpack('>c8I8B', stored)
    local present = has_value == 1 and (expires == 0 or now < expires)
    return { revision = revision, present = present, stored = stored }
end

local HEAD = 17

local function index_entries()
    local stored = redis.call('HGET', key, 'x')
    return stored and cmsgpack.unpack(stored) or {}
end

local function flat(entries)
    local list = {}
    for name, value in pairs(entries) do
        list[#list + 1] = name
        list[#list + 1] = value
    end
    return list
end
