-- From how many bytes on a field is kept apart from what stands before its value: less is read faster than it is asked for.
local LARGE = 512

-- The guard, or `create`; and letters: what is asked for of what may be.
local basis, proof, asked = ARGV[2], ARGV[3], ARGV[4]
local at = 4

local function arg()
    at = at + 1
    return ARGV[at]
end

local create_epoch, create_idle, create_absolute
if basis == 'create' then
    create_epoch, create_idle, create_absolute = arg(), arg(), arg()
end
local rotate, rotate_from, rotate_to, rotate_mark, recognised
local touch, touch_due, absolute, remember, retire, authenticated
local expects, expects_at, removes, removes_at, indexes, indexes_at = 0, 0, 0, 0, 0, 0
-- Most commits do nothing but write fields.
if asked ~= '' then
    if string.find(asked, 'r', 1, true) then
        rotate, rotate_from, rotate_to, rotate_mark, recognised = arg(), arg(), arg(), arg(), arg()
    end
    if string.find(asked, 't', 1, true) then
        touch, touch_due = arg(), arg()
    end
    absolute = string.find(asked, 'a', 1, true) and arg()
    remember = string.find(asked, 'm', 1, true) and arg()
    retire = string.find(asked, 'p', 1, true) and arg()
    authenticated = string.find(asked, 'u', 1, true)
    if string.find(asked, 'e', 1, true) then
        -- A name and a revision each.
        expects = tonumber(arg())
        expects_at, at = at, at + 2 * expects
    end
    if string.find(asked, 'd', 1, true) then
        removes = tonumber(arg())
        removes_at, at = at, at + removes
    end
    if string.find(asked, 'i', 1, true) then
        -- A name each, whether it has a value, and the value.
        indexes = tonumber(arg())
        indexes_at, at = at, at + 3 * indexes
    end
end
-- All that follows are the fields to write: a name each, how long it lives if that is to be counted from now, and all of it.
local sets, sets_at = (#ARGV - at) / 3, at

-- All that must be known, in one call: calls are what costs.
local wanted = { 's', 't', 'p', 'x' }
for each = 1, expects do
    wanted[4 + each] = 'f:' .. ARGV[expects_at + 2 * each - 1]
end
local before_at = 4 + expects
for each = 1, sets do
    local name = ARGV[sets_at + 3 * each - 2]
    wanted[before_at + 2 * each - 1], wanted[before_at + 2 * each] = 'f:' .. name, 'o:' .. name
end
local stored = redis.call('HMGET', key, unpack(wanted))
local secret, times, previous = stored[1], stored[2], stored[3]
local exists = secret and times

-- What the caller is told of the record, after the time: it takes the text apart. Nothing but that, for each part of an answer
-- costs; with the index entries only where there is something to do about them.
local function applied(before, after)
    local meta = struct.pack('>I8', now) .. secret .. times .. (previous or '')
    if before or after then
        return { 'applied', meta, flat(before or {}), flat(after or {}) }
    end
    return meta
end

local function index_entries()
    return stored[4] and cmsgpack.unpack(stored[4]) or {}
end

-- It was asked before. What it entered into indexes may still be without an end.
local function applied_before()
    return applied(nil, (indexes > 0 or absolute or remember) and index_entries() or nil)
end

if basis == 'create' then
    if exists then
        return is_live(times) and proof == string.sub(secret, 1, 32) and applied_before() or { 'gone' }
    end
    local taken = redis.call('HGET', key, 'e')
    if taken and now < tonumber(taken) then
        return { 'gone' }
    end
else
    if not exists or not is_live(times) then
        return { 'gone' }
    end
    -- Its new secret is what opens the session now, so that its guard does not.
    if rotate and rotate_to == string.sub(secret, 1, 32) then
        return applied_before()
    end
    local admitted = admits(secret, previous, basis, proof)
    if admitted ~= 'open' then
        return { admitted }
    end
    -- Whether a write of this commit is there already, or was overwritten since: it was asked before.
    for each = 1, sets do
        local revision = string.sub(ARGV[sets_at + 3 * each], 1, 8)
        local field, overwritten = stored[before_at + 2 * each - 1], stored[before_at + 2 * each]
        if field and string.sub(field, 1, 8) == revision
            or overwritten and string.find(overwritten, revision, 1, true) then
            return applied_before()
        end
    end
    -- The fields of a compare-and-swap as they are, if one of them is not as expected.
    local current, differs = {}, false
    for each = 1, expects do
        local field = stored[4 + each]
        if field then
            local expires, has_value = struct.unpack('>I8B', field, 9)
            field = has_value ~= 0 and (expires == 0 or now < expires) and field
        end
        current[each] = field
        differs = differs or (field and string.sub(field, 1, 8) or '') ~= ARGV[expects_at + 2 * each]
    end
    if differs then
        for each, field in ipairs(current) do
            if field and string.byte(field, 17) == 3 then
                current[each] = redis.call('HGET', key, 'v:' .. ARGV[expects_at + 2 * each - 1])
            end
        end
        return { 'conflict', current }
    end
end

-- What to write into the hash, in one call too.
local write, written, is_set = {}, 0, {}
-- And what to take out of it.
local gone = {}

local function put(name, value)
    write[written + 1], write[written + 2] = name, value
    written = written + 2
end

for each = 1, sets do
    local name, ttl, field = unpack(ARGV, sets_at + 3 * each - 2, sets_at + 3 * each)
    is_set[name] = true
    if ttl ~= '' then
        field = string.sub(field, 1, 8) .. struct.pack('>I8', later(ttl)) .. string.sub(field, 17)
    end
    local is_large = #field >= LARGE
    if is_large then
        put('v:' .. name, field)
        field = string.sub(field, 1, 16) .. '\3'
    end
    put('f:' .. name, field)
    local before = stored[before_at + 2 * each - 1]
    if before then
        if string.byte(before, 17) == 3 and not is_large then
            gone[#gone + 1] = 'v:' .. name
        end
        -- 16 of 8 bytes.
        local overwritten = string.sub(before, 1, 8) .. (stored[before_at + 2 * each] or '')
        put('o:' .. name, string.sub(overwritten, 1, 128))
    end
end

local entries_before, entries_after
if indexes > 0 then
    entries_before, entries_after = index_entries(), index_entries()
    for each = 1, indexes do
        local name, has_value, value = unpack(ARGV, indexes_at + 3 * each - 2, indexes_at + 3 * each)
        entries_after[name] = has_value == '1' and value or nil
    end
    if next(entries_after) then
        put('x', cmsgpack.pack(entries_after))
    end
elseif absolute or remember then
    -- How long their entries are kept depends on it.
    entries_after = index_entries()
end

-- When the key goes: a time that is told is another than the one by which it goes, so that each commit moves it.
local moves = ARGV[1] ~= ''

if basis == 'create' then
    secret = struct.pack('>c0I8c0', proof, now, create_epoch)
    times = struct.pack('>I8I8I8I8B', now, later(create_idle), later(create_absolute), 0, 0)
    put('s', secret)
    put('t', times)
    moves = true
end

-- A predecessor that is presented itself does not end itself.
if retire and previous and (basis ~= 'secret' or proof == string.sub(secret, 1, 32)) then
    local kind, hash, known_until = struct.unpack('>Bc32I8', previous)
    if kind == RENEWED and known_until == 0 then
        previous = struct.pack('>Bc0I8', RENEWED, hash, later(retire))
        put('p', previous)
    end
end

if rotate == 'supersede' then
    previous = struct.pack('>Bc0I8', SUPERSEDED, rotate_from, later(recognised))
    secret = struct.pack('>c0I8c0', rotate_to, now, rotate_mark)
    put('p', previous)
    put('s', secret)
elseif rotate and rotate_mark == string.sub(secret, 1, 32) then
    -- A renewal that came second is none.
    previous = struct.pack('>Bc0I8', RENEWED, rotate_from, 0)
    secret = struct.pack('>c0I8c0', rotate_to, now, string.sub(secret, 41))
    put('p', previous)
    put('s', secret)
end

if touch or absolute or remember or authenticated then
    local created, idle_end, absolute_end, signed_in, persistent = struct.unpack('>I8I8I8I8B', times)
    if touch and math.min(idle_end + touch_due, FOREVER) < later(touch) then
        idle_end = later(touch)
    end
    if absolute then
        absolute_end = later(absolute)
    end
    if remember then
        idle_end, absolute_end, persistent = later(remember), later(remember), 1
    end
    if authenticated then
        signed_in = now
    end
    local moved = struct.pack('>I8I8I8I8B', created, idle_end, absolute_end, signed_in, persistent)
    if moved ~= times then
        times, moves = moved, true
        put('t', times)
    end
end

-- First of all: a server without memory refuses a script's first write, or none of them, and those that follow it never refuses.
if written > 0 then
    redis.call('HSET', key, unpack(write))
end
for each = 1, removes do
    local name = ARGV[removes_at + each]
    if not is_set[name] then
        gone[#gone + 1], gone[#gone + 2] = 'f:' .. name, 'v:' .. name
    end
end
if entries_after and indexes > 0 and not next(entries_after) then
    gone[#gone + 1] = 'x'
end
if basis == 'create' then
    gone[#gone + 1] = 'e'
end
if #gone > 0 then
    redis.call('HDEL', key, unpack(gone))
end
if moves then
    -- The deadlines decide; the key only has to be gone some time after them.
    local idle_end, absolute_end = struct.unpack('>I8I8', times, 9)
    redis.call('PEXPIRE', key, text(math.ceil((math.min(idle_end, absolute_end) - now) / 1000) + 60000))
end
return applied(entries_before, entries_after)
